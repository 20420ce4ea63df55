/** A client whose sockets, HTTP, clock and wake signals are a test's. */
import {
  type ClientOptions,
  createClient,
  type InstepClient,
  type WakeSignal,
} from "../../../client/index.js";
import { type ManualClock, manualClock } from "../clocks/manualClock.js";
import { type FakeFetch, fakeFetch } from "./fakeFetch.js";
import { type FakeSockets, fakeSockets } from "./fakeSockets.js";

export interface FakeClient {
  readonly client: InstepClient;
  readonly sockets: FakeSockets;
  readonly http: FakeFetch;
  readonly clock: ManualClock;
  wake(signal: WakeSignal): void;
  /** How many listen for wake signals. */
  readonly wakeListeners: number;
}

export function fakeClient(options: ClientOptions = {}): FakeClient {
  const clock = manualClock();
  const sockets = fakeSockets();
  const http = fakeFetch();
  const listeners = new Set<(signal: WakeSignal) => void>();
  const client = createClient({
    url: "http://instep.test/mount",
    WebSocket: sockets.WebSocket,
    fetch: http.fetch,
    clock,
    random: () => 1,
    wakeSignals: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    ...options,
  });
  return {
    client,
    sockets,
    http,
    clock,
    wake: (signal) => {
      for (const listener of [...listeners]) listener(signal);
    },
    get wakeListeners() {
      return listeners.size;
    },
  };
}

/** A state that a client takes for one. */
export const stateOf = (workflow_id: string, more: object = {}) => ({
  workflow_id,
  status: "running",
  current_step: 0,
  start_time: "2026-01-01T00:00:00.000Z",
  last_update: "2026-01-01T00:00:00.000Z",
  steps: [{ action: "a", status: "pending", index: 0 }],
  ...more,
});

export const snapshotOf = (workflow_id: string, revision: number, more: object = {}) => ({
  type: "snapshot",
  workflow_id,
  epoch: "e1",
  revision,
  state: stateOf(workflow_id, more),
});

export const changedOf = (workflow_id: string, base: number, title: string, more: object = {}) => ({
  type: "changed",
  workflow_id,
  epoch: "e1",
  base,
  revision: base + 1,
  patch: [{ op: "add", path: "/title", value: title }],
  ...more,
});
