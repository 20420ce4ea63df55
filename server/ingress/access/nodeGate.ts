/** Lets in the other nodes of the cluster by the seal of their calls: as drivers, whatever name, page or token they come by. */
import type { IncomingMessage } from "node:http";
import { SyncError } from "../../../shared/errors.js";
import { LIVE_PATH } from "../../../shared/names.js";
import { formatElapsed } from "../../../shared/text/duration.js";
import type { NodeCalls, RefusedCall } from "../../cluster/nodeCalls.js";
import type { ThrottledLog } from "../../log/throttledLog.js";
import { EVERYTHING } from "../../state/scope.js";
import type { Access } from "./access.js";
import { peerOf } from "./addresses.js";
import { Grant } from "./grants.js";

/** `NODE_HEADER`, as Node spells it. */
const HEADER = "instep-node";

export interface NodeGateParts {
  readonly calls: Pick<NodeCalls, "admit" | "clocksApart">;
  /** Has one line a minute of each kind of refusal. */
  readonly lines: Pick<ThrottledLog, "warn">;
}

export class NodeGate {
  readonly #parts: NodeGateParts;
  /** A call is admitted once, and may be asked about again. */
  readonly #admitted = new WeakMap<IncomingMessage, Access>();
  readonly #grant = new Grant(null, "drive", EVERYTHING);

  constructor(parts: NodeGateParts) {
    this.#parts = parts;
  }

  /** Null for a call that does not say it comes from a node. Throws SyncError `unauthorized` where it says so and does not. */
  accessOf(request: IncomingMessage): Access | null {
    const header = request.headers[HEADER];
    if (header === undefined) return null;
    const known = this.#admitted.get(request);
    if (known) return known;
    const call = { method: request.method ?? "", path: sealedPathOf(request) };
    const verdict = this.#parts.calls.admit(String(header), call);
    if ("refused" in verdict) throw this.#refused(request, verdict.refused, verdict.from);
    const { from } = verdict;
    const access = { can: this.#grant.can, client: `node ${from}`, grant: this.#grant, node: from };
    this.#admitted.set(request, access);
    return access;
  }

  #refused(request: IncomingMessage, why: RefusedCall, from: string | undefined): SyncError {
    const { lines, calls } = this.#parts;
    const address = peerOf(request.socket.remoteAddress);
    const apart = from === undefined ? undefined : calls.clocksApart.get(from);
    if (apart === undefined) {
      lines.warn(`node ${why}`, { address, why }, "a call that is no node's was refused");
      return new SyncError("unauthorized", `this call is not from a node of ours (${why})`);
    }
    const words = `the clock of node ${from} is ${formatElapsed(Math.abs(apart))} ${apart > 0 ? "before" : "behind"} this server's`;
    const fields = { address, why, node: from, apart_ms: apart };
    lines.warn(`node ${why} ${from}`, fields, `${words}: its calls are refused, set the clocks`);
    return new SyncError("unauthorized", `${words}, so its calls are refused (${why})`);
  }
}

/** Below the place that we are mounted at: the router has cut that off, an upgrade still has it. */
const sealedPathOf = ({ url = "", headers }: IncomingMessage): string =>
  headers.upgrade === undefined ? url : LIVE_PATH;
