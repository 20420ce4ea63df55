/** Instep as a part of a program. No port, no signal, no global. */
import { existsSync } from "node:fs";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { fileURLToPath } from "node:url";
import express, { type Router } from "express";
import { shuttingDown } from "../shared/errors.js";
import { DEFAULTS, type Limits } from "../shared/limits.js";
import type {
  CommandLine,
  DefinitionProblem,
  DefinitionsAnswer,
  ShareView,
} from "../shared/wire/rest.js";
import { assemble, type Parts } from "./assemble.js";
import type { ClusterOptions } from "./cluster/clusterOptions.js";
import type { AccessToken } from "./ingress/access/grants.js";
import type { Authorize } from "./ingress/access/hostHook.js";
import { DEFAULT_SHARE_MS } from "./ingress/access/shares.js";
import { tokensIn, type Who } from "./ingress/access/who.js";
import { answerErrors } from "./ingress/answer/answerErrors.js";
import { OpenCalls } from "./ingress/answer/openCalls.js";
import { SecurityHeaders } from "./ingress/answer/securityHeaders.js";
import { type Handler, handlerOf } from "./ingress/host/handler.js";
import { pageRouter } from "./ingress/page/page.js";
import { readBasePath } from "./ingress/request/base.js";
import { requestIdOf } from "./ingress/request/requestId.js";
import { RepeatedReads } from "./ingress/rest/repeatedReads.js";
import { restRouter } from "./ingress/rest/rest.js";
import { madeLink } from "./ingress/rest/shareCalls.js";
import { StateReads } from "./ingress/rest/stateReads.js";
import type { InstepOptions } from "./instepOptions.js";
import type { Listening } from "./listening/listenAt.js";
import type { Log } from "./log/log.js";
import type { WorkflowDefinition } from "./runner/definition/definition.js";
import type { RunStep, StepHandler } from "./runner/definition/runStep.js";
import {
  type CodeConcurrency,
  type CodeDefinition,
  type CodeStep,
  defineWorkflow,
} from "./runner/definition/source/defineWorkflow.js";
import type { OnStop } from "./runner/onStop.js";
import type { StepAtWork } from "./runner/stepsAtWork.js";
import type { Store } from "./state/store/store.js";
import { UndoList } from "./undoList.js";

export { StoreMissing } from "./dataFolder.js";
export { DataDirLocked } from "./machine/lock/dataDirLocked.js";
export { UnknownFormat } from "./state/store/storeMarker.js";
export type {
  AccessToken,
  Authorize,
  ClusterOptions,
  CodeConcurrency,
  CodeDefinition,
  CodeStep,
  CommandLine,
  DefinitionProblem,
  InstepOptions,
  Limits,
  Listening,
  Log,
  OnStop,
  RunStep,
  StepAtWork,
  StepHandler,
  Store,
  Who,
  WorkflowDefinition,
};
export { defineWorkflow };

/** A handler for an Express app to mount, named by the types of Node: so nobody needs the types of Express to compile. */
export type Middleware = (
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void;

export interface Instep {
  /** REST and the page, for an Express app to mount anywhere. */
  router(): Middleware;
  /**
   * The same for any other program of Node: a plain listener for requests, which may be handed on by itself. It finds where it is by `basePath`,
   * or by what the host took away (`originalUrl` beside `url`). What is not its own goes on to `next`, as it came; without `next` it is answered with 404.
   */
  handler(
    request: IncomingMessage,
    response: ServerResponse,
    next?: (error?: unknown) => void,
  ): void;
  /**
   * Takes upgrades to our path before any other listener hears of them, and leaves other paths alone: those that the server would lead to
   * the router or the handler as a GET, or with `mount` (or `basePath`) the path below that. Throws where another Instep on that server takes the same paths. Returns the way back.
   */
  attach(server: Server, options?: { mount?: string }): () => void;
  /** The same by hand, for every path that ends in ours: false, and nothing done, for others. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean;
  /** The standalone server on top of these. Rejects where the port cannot be had. */
  listen(at?: { port?: number; host?: string }): Promise<Listening>;
  /** The definitions that can be started, and the files that cannot be used: as `GET /workflow/definitions` tells a driver. */
  definitions(): Promise<Pick<DefinitionsAnswer, "definitions" | "problems">>;
  /** From here on these tokens count, and only these; with none nobody may come in. Throws, and changes nothing, where they are not as they must be. Whoever came in by another one is cut off (4401). */
  setTokens(tokens: readonly AccessToken[]): void;
  /**
   * Asks `authorize` again of everything that is open, or of what one user has open: whoever is nobody by now, may do something else, or cannot be
   * told, is cut off (4401). Resolves once all that was open is known about.
   */
  authorizeAgain(user?: string): Promise<void>;
  /**
   * A link that shows this workflow for a while (a day), and nothing else, to whoever has it: `path` is below the mount. Rejects with SyncError: `unknown_workflow`,
   * and `bad_message` where nobody needs a token here.
   */
  share(
    workflow_id: string,
    options?: { forMs?: number },
  ): Promise<ShareView & { token: string; path: string }>;
  /** Takes a link back, by its number or its token. Rejects with SyncError `not_found`. */
  revokeShare(link: string): Promise<void>;
  /** The steps of workflows that this server runs, as far as they are at work now. */
  atWork(): readonly StepAtWork[];
  /** Resolves once whoever is to be told of an ended workflow has been told: its `on_end`, and webhooks, once each was tried. At once where nobody is. */
  untilTold(workflow_id: string): Promise<void>;
  /**
   * Refuses what is new, makes durable what was accepted, says goodbye, and leaves nothing open. With `commands: "keep"` commands that
   * outlive the server go on, and the next one on this folder takes them up; with `"end"`, the default, all are ended.
   */
  close(options?: { drainMs?: number; commands?: OnStop }): Promise<void>;
}

const DRAIN_MS = 10_000;

/** Resolves once the data folder is locked and read. Rejects with DataDirLocked, or with what is wrong with the folder; then nothing of it is left open. */
export async function createInstep(options: InstepOptions): Promise<Instep> {
  const basePath = basePathOf(options);
  const undo = new UndoList();
  let closing: Promise<void> | null = null;
  let isOver = false;
  // A start that is refused leaves what it took up to the next one.
  let commandsAtClose: OnStop = "keep";
  const parts = await assemble(options, undo, {
    isDraining: () => closing !== null,
    commandsAtClose: () => commandsAtClose,
  }).catch(async (error) => {
    await undo.run(Promise.resolve()).catch((failure: unknown) => {
      options.log?.error({ err: failure }, "a part of a refused start could not be ended");
    });
    throw error;
  });
  const { doors, runner, clock, grants } = parts;
  const answering = answeringOf(parts, () => isOver);
  // Made once, and only where it is needed: a program that mounts the router has no use for it.
  let made: Handler | undefined;
  const handler = () => {
    made ??= handlerOf({
      ...{ router: routerOf(answering), repeated: answering.repeated },
      basePath: basePath ?? "",
      ...{ foreign: parts.gate.foreign, forwarded: parts.gate.forwarded },
    });
    return made;
  };

  const instep: Instep = {
    router: () => {
      parts.mounts.routerTaken();
      // A router of Express needs more of a request than Node's has, and Express gives it that.
      return routerOf(answering) as unknown as Middleware;
    },
    // To take it is to mount it somewhere: from then on the host says by the way it leads calls whose an upgrade is.
    get handler() {
      parts.mounts.routerTaken();
      return handler();
    },
    attach: (server, { mount = basePath } = {}) => doors.attach(server, mount),
    handleUpgrade: (request, socket, head) => doors.handleUpgrade(request, socket, head),
    listen: async ({ port = DEFAULTS.port, host = DEFAULTS.host } = {}) => {
      const at = { basePath: basePath ?? "", port, host };
      const started = await doors.listen({ answer: handler(), ...at });
      runner.url = options.url ?? started.url;
      if (options.url === undefined) parts.shared?.reachedAt(started.url);
      return started;
    },
    definitions: async () => {
      const { definitions, problems } = await runner.definitions();
      return { definitions, problems };
    },
    setTokens: (tokens) => grants.set(tokensIn(tokens)),
    authorizeAgain: async (user) => parts.host?.again(user),
    share: async (workflow_id, { forMs = DEFAULT_SHARE_MS } = {}) => {
      await parts.unheard.of(workflow_id);
      return madeLink(parts, { workflow_id, forMs, by: null });
    },
    revokeShare: async (link) => void (await parts.shares.revoke(link, () => {})),
    atWork: () => runner.atWork(),
    untilTold: async (workflow_id) => {
      await Promise.all([runner.untilTold(workflow_id), parts.webhooks.untilTried(workflow_id)]);
    },
    close: ({ drainMs = DRAIN_MS, commands = "end" } = {}) => {
      if (closing) return closing;
      commandsAtClose = commands;
      closing = undo.runWithin(drainMs, clock, (deadline) => {
        isOver = true;
        return answering.calls.end(deadline);
      });
      return closing;
    },
  };
  return instep;
}

/** Missing where nobody named one; empty for the root. Throws with the name of the option where it is no path. */
function basePathOf({ basePath }: Pick<InstepOptions, "basePath">): string | undefined {
  if (basePath === undefined) return undefined;
  if (typeof basePath !== "string") throw new Error("basePath: must be text");
  try {
    return readBasePath(basePath);
  } catch (error) {
    throw new Error(`basePath: ${(error as Error).message}`);
  }
}

interface Answering extends Parts {
  readonly headers: SecurityHeaders;
  readonly reads: StateReads;
  readonly repeated: RepeatedReads;
  readonly calls: OpenCalls;
  /** Whether it has been closed: the host may go on, and what is known here is no longer what is so. */
  readonly isOver: () => boolean;
}

function answeringOf(parts: Parts, isOver: () => boolean): Answering {
  const headers = new SecurityHeaders(parts.gate.forwarded);
  const reads = new StateReads(parts);
  const calls = new OpenCalls();
  const repeated = new RepeatedReads(reads, { ...parts, headers, calls, isOver });
  return { ...parts, headers, reads, repeated, calls, isOver };
}

function routerOf(parts: Answering): Router {
  const { gate, limits, log, lines, mounts, headers, repeated, calls, isOver, metrics } = parts;
  const router = express.Router();
  router.use(mounts.handler);
  router.use((request, response, next) => {
    gate.foreign.tell(request, response);
    if (isOver()) throw shuttingDown();
    if (repeated.answer(request, response)) return;
    calls.take(request, response);
    headers.set(request, response);
    if (request.method !== "GET" && request.method !== "HEAD") requestIdOf(request, response);
    next();
  });
  router.use(restRouter(parts));
  router.use(
    pageRouter(pageFolder(), gate, ({ socket: { remoteAddress: peer } }) => {
      const words = "an X-Forwarded-Prefix was ignored, as its sender is no trusted proxy";
      lines.warn(
        "ignored prefix",
        { peer },
        `${words}: is it one? Then name it with --trust-proxy`,
      );
    }),
  );
  router.use((_request, response, next) => {
    calls.passOn(response);
    next();
  });
  router.use(answerErrors(limits, log, metrics));
  return router;
}

/** Built: beside this file's folder. From the sources: in what the build made. */
function pageFolder(): string {
  const built = fileURLToPath(new URL("../ui/", import.meta.url));
  return existsSync(built) ? built : fileURLToPath(new URL("../dist/ui/", import.meta.url));
}
