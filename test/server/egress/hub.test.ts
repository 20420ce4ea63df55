/** The frames that a watcher hears, as a table; and a bug on the way out, which is logged and leaves nobody with an old state. */
import { describe, expect, it } from "vitest";
import { Hub } from "../../../server/egress/hub.js";
import { Lists } from "../../../server/egress/lists.js";
import { Outbox, type SendingSocket } from "../../../server/egress/outbox.js";
import { textOf } from "../../../server/egress/textFrame.js";
import type { Commits } from "../../../server/state/commits.js";
import { Leases } from "../../../server/state/leases.js";
import { PastRuns } from "../../../server/state/pastRuns.js";
import { Scope } from "../../../server/state/scope.js";
import type { LiveRecord } from "../../../server/state/store/record.js";
import type { CommitListener } from "../../../server/state/store/store.js";
import { Summaries } from "../../../server/state/summaries.js";
import { Workflows } from "../../../server/state/workflows.js";
import { LIMITS } from "../../../shared/limits.js";
import { manualClock } from "../../support/clocks/manualClock.js";
import { commitsOf } from "../../support/disks/commitsOf.js";
import { MemoryStore } from "../../support/disks/memoryStore.js";
import { recordOf as madeOf, stateOf } from "../../support/disks/records.js";

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

type Told = {
  readonly type: string;
  readonly workflow_id?: string | null;
  readonly reason?: string;
};

function watcher(
  hub: Hub,
  subject: string,
  scope?: Scope,
  shown: (frame: Told) => string = ({ type }) => type,
) {
  const heard: string[] = [];
  const socket = {
    isOpen: true,
    waiting: 0,
    gather: () => {},
    whenSent: () => {},
    send: (frame: Buffer) => void heard.push(shown(JSON.parse(textOf(frame)) as Told)),
    close: (code: number) => void heard.push(`closed ${code}`),
  };
  const outbox = new Outbox(
    socket satisfies SendingSocket,
    { audience: "drive", form: "patch" },
    LIMITS,
    scope,
  );
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

describe("the hub", () => {
  /** The store's own changes, without the rules: `+a` starts or changes it, `-a` clears it, `>a` moves it to the history, `xa` out of that. */
  async function stage(limits = LIMITS) {
    const store = new MemoryStore();
    const clock = manualClock();
    const commits = commitsOf(store);
    const leases = new Leases(commits, clock, limits.leaseMs);
    const around = { store, commits, leases, clock, limits, clearAfterMs: 1, keepsHistory: true };
    const workflows = new Workflows(around);
    const onFailure = (error: unknown) => {
      throw error;
    };
    const summaries = new Summaries(new PastRuns(commits));
    const lists = new Lists({ commits, summaries, clock, limits, onFailure });
    const hub = new Hub({ commits, workflows, lists, limits, onFailure });
    let started = 0;
    const make = async (change: string) => {
      const workflow_id = change.slice(1);
      const base = store.open.get(workflow_id) ?? null;
      if (change.startsWith("-")) return store.remove(base!);
      if (change.startsWith(">")) return store.archive(base!);
      if (change.startsWith("x")) return store.forget([...store.history.keys()][0]!);
      if (!base) started += 1;
      const { epoch, order, revision } = base ?? {
        epoch: `e${started}`,
        order: started,
        revision: 0,
      };
      const state = stateOf({ workflow_id, note: revision });
      const next = { workflow_id, epoch, order, revision: revision + 1, state };
      return store.commit({ ...madeOf({ workflow_id }), ...next }, base);
    };
    return { hub, make };
  }

  it.each<[subject: string, what: string, before: string, after: string, heard: string]>([
    ["a", "the snapshot, then each change", "+a", "+a +a", "snapshot, changed, changed"],
    ["a", "nothing of other workflows", "+a +b", "+b -b", "snapshot"],
    ["a", "at once that there is none", "", "+a", "closed unknown"],
    ["a", "that it was cleared, and no more", "+a", "-a +a", "snapshot, closed cleared"],
    ["a", "that its time in view is over", "+a", ">a +a", "snapshot, closed expired"],
    ["a", "one of the history until it is forgotten", "+a >a", "xa", "snapshot, closed cleared"],
    ["a", "the new one under the id of one of the history", "+a >a", "+a", "snapshot, snapshot"],
    [
      "current",
      "which one is current, and that one",
      "",
      "+a +a",
      "current null, current a, snapshot, changed",
    ],
    [
      "current",
      "the newest as the current one",
      "+a",
      "+b +a +b",
      "current a, snapshot, current b, snapshot, changed",
    ],
    [
      "current",
      "the one before, once the current one is cleared",
      "+a +b",
      "-b",
      "current b, snapshot, closed cleared, current a, snapshot",
    ],
    [
      "current",
      "that none is current any more",
      "+a",
      ">a",
      "current a, snapshot, closed expired, current null",
    ],
  ])("a watcher of %s hears %s (%s | %s)", async (subject, _what, before, after, heard) => {
    const { hub, make } = await stage();
    for (const change of before.split(" ").filter(Boolean)) await make(change);
    const frames = watcher(hub, subject, undefined, ({ type, workflow_id, reason }) =>
      [type, type === "current" ? String(workflow_id) : reason].filter(Boolean).join(" "),
    );
    for (const change of after.split(" ").filter(Boolean)) await make(change);
    expect(frames.join(", ")).toBe(heard);
  });
});
