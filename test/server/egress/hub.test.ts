/** A bug on the way out: it is logged, nobody is left with an old picture, and the next change is told as ever. */
import { expect, it } from "vitest";
import { Hub } from "../../../server/egress/hub.js";
import { Lists } from "../../../server/egress/lists.js";
import { Outbox, type SendingSocket } from "../../../server/egress/outbox.js";
import type { Commits } from "../../../server/state/commits.js";
import { PastRuns } from "../../../server/state/pastRuns.js";
import { Scope } from "../../../server/state/scope.js";
import type { LiveRecord } from "../../../server/state/store/record.js";
import type { CommitListener } from "../../../server/state/store/store.js";
import { Summaries } from "../../../server/state/summaries.js";
import type { Workflows } from "../../../server/state/workflows.js";
import { LIMITS } from "../../../shared/limits.js";
import { manualClock } from "../../support/clocks/manualClock.js";

function world() {
  const listeners: CommitListener[] = [];
  const looks = { count: 0 };
  const store = { open: new Map<string, LiveRecord>(), history: new Map<string, LiveRecord>() };
  const commits = {
    store,
    listen: (_turn: string, listener: CommitListener) => {
      listeners.push(listener);
      return () => {};
    },
  } as unknown as Commits;
  const workflows = {
    currentWithin: () => {
      looks.count += 1;
      return store.open.get("w") ?? null;
    },
    find: (id: string) => {
      const record = store.open.get(id);
      return record ? { record, inHistory: false } : null;
    },
  } as unknown as Workflows;
  const failures: unknown[] = [];
  const onFailure = (error: unknown) => void failures.push(error);
  const summaries = new Summaries(new PastRuns(commits));
  const lists = new Lists({ commits, summaries, clock: manualClock(), limits: LIMITS, onFailure });
  const hub = new Hub({ commits, workflows, lists, limits: LIMITS, onFailure });
  const commit = (state: object) => {
    const before = store.open.get("w") ?? null;
    const after = { ...recordOf(state), revision: (before?.revision ?? 0) + 1 };
    store.open.set("w", after);
    for (const listener of listeners) listener({ kind: "committed", before, after });
  };
  return { hub, commit, failures, looks };
}

const recordOf = (state: object): LiveRecord =>
  ({
    workflow_id: "w",
    epoch: "e",
    revision: 0,
    order: 1,
    state: { workflow_id: "w", status: "running", current_step: 0, steps: [], ...state },
    receipts: [],
  }) as unknown as LiveRecord;

function watcher(hub: Hub, subject: string, scope?: Scope) {
  const heard: string[] = [];
  const socket = {
    readyState: 1,
    OPEN: 1,
    bufferedAmount: 0,
    send: (frame: Buffer) =>
      void heard.push((JSON.parse(frame.toString()) as { type: string }).type),
    close: (code: number) => void heard.push(`closed ${code}`),
  };
  const outbox = new Outbox(socket as unknown as SendingSocket, "drive", LIMITS, scope);
  hub.subscribe(outbox, subject, null);
  return heard;
}

/** Throws so often when it is looked at, and then no more. */
function brokenFor(times: number): object {
  let left = times;
  return {
    get part() {
      left -= 1;
      if (left >= 0) throw new RangeError("Invalid string length");
      return "whole again";
    },
  };
}

it("a change that cannot be told reaches everyone as the whole document", () => {
  const { hub, commit, failures } = world();
  commit({ note: 1 });
  const watchers = [watcher(hub, "w"), watcher(hub, "current"), watcher(hub, "w")];
  commit({ note: { part: "whole" } });
  commit({ note: brokenFor(1) });
  expect(failures).toHaveLength(1);
  commit({ note: 2 });
  for (const heard of watchers) {
    expect(heard.filter((type) => type !== "current")).toEqual([
      "snapshot",
      "changed",
      "snapshot",
      "changed",
    ]);
  }
});

it("a document that cannot be sent at all closes the sockets that watch it, and no others", () => {
  const { hub, commit } = world();
  commit({ note: { part: "whole" } });
  const watching = watcher(hub, "w");
  const listing = watcher(hub, "*");
  commit({ note: brokenFor(Number.POSITIVE_INFINITY) });
  expect(watching).toEqual(["snapshot", "closed 4500"]);
  expect(listing).toEqual(["snapshot"]);
});

it("a save looks for the current one of no scope: only a start or an end within does", () => {
  const { hub, commit, looks } = world();
  const within = watcher(hub, "current", new Scope(["w*"]));
  const elsewhere = watcher(hub, "current", new Scope(["other-*"]));
  const before = looks.count;
  commit({ note: "a start" });
  expect(looks.count).toBe(before + 1);
  for (let note = 1; note <= 10; note++) commit({ note });
  expect(looks.count).toBe(before + 1);
  expect(within.slice(0, 3)).toEqual(["current", "current", "snapshot"]);
  expect(elsewhere).toEqual(["current"]);
});
