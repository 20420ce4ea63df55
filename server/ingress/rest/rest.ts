/** The REST door: every path with its methods and the handlers they go through. Knows HTTP, not the rules. */
import express, { type RequestHandler, type Router } from "express";
import { SyncError } from "../../../shared/errors.js";
import type { Limits } from "../../../shared/limits.js";
import { LIVE_PATH, SUBPROTOCOL } from "../../../shared/names.js";
import type { Standing } from "../../cluster/standing.js";
import type { StorageHealth } from "../../machine/storageHealth.js";
import type { Metrics } from "../../metrics/metrics.js";
import type { Gate } from "../access/access.js";
import { accessOf, driversOnly, ourPages, scrapersToo, watchersOnly } from "../access/caller.js";
import { tellStanding } from "../answer/standingHeaders.js";
import { type EventStreams, wantsEvents } from "../events/eventStreams.js";
import type { RateLimiter } from "../pace/rateLimit.js";
import { bodyBytes, jsonBody } from "../request/body.js";
import { outputBody, outputBytes } from "../request/outputBody.js";
import { noMisspeltId, onlyQuery } from "../request/query.js";
import type { Receive } from "../request/receive.js";
import type { Unheard } from "../request/unheard.js";
import { receiveCalls } from "./commandCall.js";
import { type DefinitionsCallParts, definitionsCall } from "./definitionsCall.js";
import { DeliveryCalls, type DeliveryCallsParts } from "./deliveryCalls.js";
import { asyncApiCall, openApiCall, recipeSchemaCall } from "./documentCall.js";
import { type ListParts, listCall } from "./listCall.js";
import { metricsCall } from "./metricsCall.js";
import { OutputCalls, type OutputCallsParts } from "./outputCalls.js";
import { type Paced, type PacedParts, paced } from "./paced.js";
import { healthCall, type ProbesParts, readinessCall } from "./probes.js";
import { requestCall } from "./requestCall.js";
import { resource } from "./resource.js";
import { RunCalls, type RunCallsParts } from "./runCalls.js";
import { ShareCalls, type ShareCallsParts } from "./shareCalls.js";
import type { Read, StateReads, StateReadsParts } from "./stateReads.js";
import { StateWrites } from "./stateWrites.js";
import { tellStorage } from "./storageHeader.js";

type CallsParts = DefinitionsCallParts &
  DeliveryCallsParts &
  ListParts &
  OutputCallsParts &
  ProbesParts &
  StateReadsParts &
  Omit<RunCallsParts, "receive"> &
  Omit<ShareCallsParts, "gate">;

/** The parts of the calls, and those that a request passes before it comes to one. */
export interface RestParts extends CallsParts {
  readonly receive: Receive;
  readonly unheard: Unheard;
  readonly gate: Gate;
  readonly limits: Limits;
  readonly rates: RateLimiter;
  readonly events: Pick<EventStreams, "serve">;
  readonly storage: Pick<StorageHealth, "reason">;
  readonly standing: Standing;
  /** Null where nobody counts. */
  readonly metrics: Metrics | null;
}

/** Mounted anywhere; errors of a call go on to the next error handler. */
export function restRouter(parts: RestParts & { readonly reads: StateReads }): Router {
  const { reads } = parts;
  const router = express.Router();
  const door = { router, foreign: parts.gate.foreign };
  const { watching, driving, reporting, appending } = waysIn(parts);
  const receive = receiveCalls(parts.receive, parts.unheard);
  const writes = new StateWrites(receive);
  const output = new OutputCalls(parts);
  const runs = new RunCalls({ ...parts, receive });
  const shares = new ShareCalls(parts);
  const deliveries = new DeliveryCalls(parts);
  const heard: RequestHandler = ({ url }, _response, next) => {
    const asked = parts.unheard.ofAddress(url);
    if (asked) void asked.then(() => next());
    else next();
  };

  router.use((_request, response, next) => {
    tellStorage(parts.storage, response);
    tellStanding(parts.standing, response);
    next();
  });
  resource(door, "/workflow/state", [watching, heard], {
    GET: [read(reads.state)],
    POST: [...reporting, writes.save],
    PATCH: [...reporting, writes.merge],
    DELETE: [...driving, writes.clear],
  });
  resource(door, "/workflow/clear", [watching, heard], { POST: [...driving, writes.clear] });
  resource(door, "/workflow/state/summary", [watching, heard], { GET: [read(reads.summary)] });
  resource(door, "/workflow/state/steps/:index", [watching, heard], {
    PATCH: [...reporting, writes.step],
  });
  resource(door, "/workflow/state/steps/:index/log", [watching, heard], {
    GET: [noMisspeltId, output.read],
    POST: [...appending, output.append],
  });
  resource(door, "/workflow/state/steps/:index/log/times", [watching, heard], {
    GET: [noMisspeltId, output.times],
  });
  resource(door, "/workflow/state/steps/:index/log/flush", [watching, heard], {
    POST: [driversOnly, output.flush],
  });
  resource(door, "/workflow/state/deliveries", [watching, heard], {
    GET: [driversOnly, noMisspeltId, deliveries.list],
  });
  resource(door, "/workflow/state/deliveries/:id/retry", [watching, heard], {
    POST: [...driving, deliveries.retry],
  });
  resource(door, "/workflow/start", [watching], { POST: [...driving, runs.start] });
  resource(door, "/workflow/stop", [watching], { POST: [...driving, runs.stop] });
  resource(door, "/workflow/answer", [watching], { POST: [...driving, runs.answer] });
  resource(door, "/workflow/resume", [watching], { POST: [...driving, runs.resume] });
  resource(door, "/workflow/retry", [watching], { POST: [...driving, runs.retry] });
  resource(door, "/workflow/restore", [watching], { POST: [...driving, runs.restore] });
  resource(door, "/workflow/share", [watching], {
    POST: [...driving, shares.make],
    DELETE: [...driving, shares.revoke],
  });
  resource(door, "/workflow/shares", [watching], {
    GET: [driversOnly, noMisspeltId, shares.list],
  });
  resource(door, "/workflow/request", [watching], { GET: [driversOnly, requestCall(parts.gate)] });
  resource(door, "/workflow/definitions", [watching], { GET: [definitionsCall(parts)] });
  // Editors bring no token.
  resource(door, "/workflow/definitions/schema.json", [], { GET: recipeSchemaCall(parts) });
  resource(door, "/workflow/openapi.json", [watching], { GET: [openApiCall()] });
  resource(door, "/workflow/asyncapi.json", [watching], { GET: [asyncApiCall()] });
  resource(door, "/workflows", [watching], { GET: [listCall(parts)] });
  resource(door, "/metrics", [ourPages(parts.gate), scrapersToo(parts.gate)], {
    GET: [metricsCall(parts.metrics)],
  });
  resource(door, LIVE_PATH, [watching, heard], { GET: [live(parts.events)] });
  // A probe knows the machine by whatever name it likes, and learns nothing here.
  resource(door, "/healthz", [], { GET: [healthCall] });
  resource(door, "/readyz", [], { GET: [readinessCall(parts)] });
  return router;
}

/** Output is dear to nobody but the disk: a call with a body of any size counts as one command, so a byte of it as a 64th of another's. */
const OUTPUT_PART = 1 / 64;

/**
 * The handlers in front of a call, by what it wants; those of a write come behind `watching`. The order matters: no body is read of a caller
 * who may not write or sends too fast, and what a body costs is known only once it was read.
 */
function waysIn(parts: Pick<RestParts, "gate" | "limits" | keyof PacedParts>) {
  const { gate, limits } = parts;
  const watching = watchersOnly(gate);
  const writes = paced(parts, "writes", bodyBytes);
  const output = paced(parts, "output", (response) => outputBytes(response) * OUTPUT_PART);
  const writing = ({ take, charge }: Paced["commands"]) => [
    driversOnly,
    take,
    onlyQuery("workflow_id"),
    ...jsonBody(limits),
    charge,
  ];
  return {
    watching,
    driving: writing(writes.commands),
    reporting: writing(writes.reports),
    appending: [
      driversOnly,
      output.reports.take,
      onlyQuery("workflow_id", "attempt", "at"),
      ...outputBody(limits),
      output.reports.charge,
    ],
  };
}

/** Stands behind `watchersOnly`. */
const read =
  (answer: Read): RequestHandler =>
  (request, response) =>
    answer(request, response, accessOf(response));

/** A GET of the socket's path that is no upgrade: a stream of events for who asks for one, and a mistake of anybody else. */
const live =
  (events: Pick<EventStreams, "serve">): RequestHandler =>
  (request, response) => {
    if (wantsEvents(request)) return events.serve(request, response, accessOf(response));
    const words = `this is a WebSocket address (${SUBPROTOCOL}), and a stream for \`Accept: text/event-stream\``;
    throw new SyncError("upgrade_required", words);
  };
