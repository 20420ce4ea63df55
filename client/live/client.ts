/** The promises of a client to those who use it. */
import type { Clock } from "../../shared/clock.js";
import type { Command } from "../../shared/schema/command.js";
import type { Position } from "../../shared/schema/position.js";
import type { ConnectionView } from "../connection/connectionView.js";
import type { WebSocketConstructor } from "../connection/socket.js";
import type { WakeSignals } from "../connection/wakeSignals.js";
import type { FollowLogOptions, LogListener } from "../logs/followedLog.js";
import type { Lease, LeaseOptions } from "../propose/leases.js";
import type { Accepted, ProposeOptions } from "../propose/proposals.js";
import type { RestClient } from "../rest/rest.js";
import type { Leaving } from "../sharing/leaving.js";
import type { OpenSharedWorker } from "../sharing/sharing.js";
import type { View } from "../watch/view.js";
import { LiveClient } from "./liveClient.js";

export interface ClientOptions {
  /** Where Instep is mounted, e.g. "http://127.0.0.1:4747" or "https://host/instep", in a browser also "/instep". @default in a browser `document.baseURI`, elsewhere required */
  url?: string | URL | undefined;
  /** Sent as Bearer over HTTP, and as a subprotocol over WebSocket. @default none */
  token?: string | undefined;
  /** Where there is none at all, as in Node 20, the client polls. @default `globalThis.WebSocket` */
  WebSocket?: WebSocketConstructor | undefined;
  /**
   * One socket for all tabs of a browser: opens the SharedWorker whose script is `instep/client/sharedWorker`. Each tab has a socket of its
   * own where this is missing or throws, where the worker does not answer within a second, and while it drives a workflow.
   * @default a socket of its own
   */
  openSharedWorker?: OpenSharedWorker | undefined;
  /** When the page goes, so that the shared socket is given back. @default the browser's `pagehide` */
  onLeaving?: Leaving | undefined;
  /** For REST. @default `globalThis.fetch` */
  fetch?: typeof globalThis.fetch | undefined;
  /** Time. @default the system's */
  clock?: Clock | undefined;
  /** Chance for the jitter of reconnecting, 0 to 1. @default `Math.random` */
  random?: (() => number) | undefined;
  /** When the network is back, or a machine woke. @default the browser's signals, where there is a browser */
  wakeSignals?: WakeSignals | undefined;
  /** Whether a person sees it, who then waits at most 3 s for the next try. @default whether the tab is visible */
  isLookedAt?: (() => boolean) | undefined;
}

export interface InstepClient {
  /**
   * Follows a workflow by id, "current", or "*". The listener is told of every new view, the first one in a microtask.
   * Returns what stops it. Many listeners of one subject share one subscription.
   */
  watch(subject: string, listener: (view: View) => void): () => void;
  /**
   * Follows the output of one step: each byte once and in order, however often the link breaks. The newest attempt and those
   * that follow it, from the first byte, unless the options say otherwise. Returns what stops it.
   */
  followLog(
    workflow_id: string,
    step: number,
    options: FollowLogOptions,
    listener: LogListener,
  ): () => void;
  /** The same object until it changes. */
  view(subject: string): View;
  /** The listener is told of every new view of the connection, in a microtask; the present one is `connection`. Returns what stops it. */
  onConnection(listener: (connection: ConnectionView) => void): () => void;
  /** The same object until it changes. */
  readonly connection: ConnectionView;
  /** Tries again at once, also after "unauthorized" and "refused". */
  retryNow(): void;
  /**
   * Sends a command and sends it again until it is answered. Rejects with SyncError where it is refused, with NoAnswerError where
   * the deadline or `close()` comes first, and with the signal's reason where that is aborted.
   */
  propose(command: Command, options?: ProposeOptions): Promise<Accepted>;
  /**
   * Claims a workflow as its driver and keeps the lease alive, also over a new socket, until it is released or lost. Rejects
   * with `upgrade_required` while the client polls: there is no lease without a WebSocket.
   */
  lease(workflow_id: string, options: LeaseOptions): Promise<Lease>;
  /** The last position this client loaded, saved or showed of a workflow: what a compare-and-set starts from. */
  lastSeen(workflow_id: string): Position | null;
  readonly rest: RestClient;
  /** The clock of this client, for code that has to wait beside it. */
  readonly clock: Clock;
  /** Leaves no socket, timer or listener behind; what waits for an answer is rejected. */
  close(): void;
}

/** Opens nothing until something is watched or proposed. */
export function createClient(options: ClientOptions = {}): InstepClient {
  return new LiveClient(options);
}
