/** The authority over a store that can be held: grouping, order, refusal, repetition. */
import { describe, expect, it } from "vitest";
import { Leases } from "../../../server/state/leases.js";
import { type Committed, StoreConflict } from "../../../server/state/store/store.js";
import { Workflows } from "../../../server/state/workflows.js";
import { SyncError } from "../../../shared/errors.js";
import { LIMITS } from "../../../shared/limits.js";
import type { Proposal } from "../../../shared/schema/command.js";
import type { StepUpdate } from "../../../shared/schema/workflow.js";
import { type ManualClock, manualClock } from "../../support/clocks/manualClock.js";
import { settled } from "../../support/clocks/settled.js";
import { commitsOf } from "../../support/disks/commitsOf.js";
import { MemoryStore } from "../../support/disks/memoryStore.js";

/** A store whose next commits wait, or fail, as the test says. */
class HeldStore extends MemoryStore {
  commits = 0;
  hold: Promise<void> = Promise.resolve();

  override async commit(...args: Parameters<MemoryStore["commit"]>): Promise<void> {
    this.commits += 1;
    await this.hold;
    return super.commit(...args);
  }
}

/** A store in which another server is quicker, so many times. */
class ContendedStore extends HeldStore {
  left: number;

  constructor(left: number) {
    super();
    this.left = left;
  }

  override async commit(...args: Parameters<MemoryStore["commit"]>): Promise<void> {
    await Promise.resolve();
    if (this.left-- > 0) throw new StoreConflict("another one was quicker");
    return super.commit(...args);
  }
}

/** Time passes until it is decided. */
async function whileTimePasses<T>(clock: ManualClock, promise: Promise<T>): Promise<T> {
  let isOver = false;
  const over = promise.finally(() => {
    isOver = true;
  });
  over.catch(() => {});
  for (; !isOver; await settled()) clock.advance(5);
  return over;
}

function authority(limits = {}, store = new HeldStore()) {
  const clock = manualClock();
  const all = { ...LIMITS, ...limits };
  const commits = commitsOf(store);
  const leases = new Leases(commits, clock, all.leaseMs);
  const workflows = new Workflows({
    store,
    commits,
    leases,
    clock,
    limits: all,
    clearAfterMs: 30_000,
    keepsHistory: true,
  });
  const changes: Committed[] = [];
  store.listen((change) => changes.push(change));
  const submit = (command: Proposal["command"], rest: Partial<Proposal> = {}) =>
    workflows.submit({ command, bytes: 200, ...rest });
  const start = (id = "deploy") =>
    submit({ kind: "save", state: { workflow_id: id, steps: [{ action: "a" }, { action: "b" }] } });
  return { store, clock, workflows, changes, submit, start };
}

const report = (index: number, update: StepUpdate) => ({ kind: "step" as const, index, update });

describe("the authority", () => {
  it("a command that other servers are quicker than is tried for ten seconds", async () => {
    const { store, clock, start } = authority({}, new ContendedStore(500));
    expect(await whileTimePasses(clock, start())).toMatchObject({ revision: 1 });
    expect(store.commits).toBe(1);
  });

  it("a command that other servers have been quicker than for ten seconds is refused", async () => {
    const { clock, start } = authority({}, new ContendedStore(Number.POSITIVE_INFINITY));
    const refused = whileTimePasses(clock, start());
    await expect(refused).rejects.toMatchObject({ code: "not_saved" });
    expect(clock.elapsed()).toBeGreaterThanOrEqual(10_000);
    expect(clock.elapsed()).toBeLessThan(10_100);
  });

  it("saves what arrives together with one write, and announces it as one change", async () => {
    const { store, changes, submit, start } = authority();
    await start();
    const outcomes = await Promise.all(
      [0.1, 0.2, 0.3].map((progress) => submit(report(0, { progress }))),
    );
    expect(outcomes.map(({ revision }) => revision)).toEqual([2, 3, 4]);
    expect(store.commits).toBe(2);
    expect(changes.at(-1)).toMatchObject({ before: { revision: 1 }, after: { revision: 4 } });
  });

  it("gathers behind a write that is under way", async () => {
    const { store, submit, start } = authority();
    await start();
    let release = () => {};
    store.hold = new Promise((resolve) => {
      release = resolve;
    });
    const first = submit(report(0, { progress: 0.1 }));
    await Promise.resolve();
    await Promise.resolve();
    const others = [0.2, 0.3, 0.4].map((progress) => submit(report(0, { progress })));
    release();
    await Promise.all([first, ...others]);
    expect(store.commits).toBe(3);
  });

  it("the authority shows readers only what is committed", async () => {
    const { store, workflows, submit, start } = authority();
    await start();
    let release = () => {};
    store.hold = new Promise((resolve) => {
      release = resolve;
    });
    const saving = submit(report(0, { progress: 0.9 }));
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
    expect(workflows.find("deploy")?.record.revision).toBe(1);
    release();
    await saving;
    expect(workflows.find("deploy")?.record.revision).toBe(2);
  });

  it("the authority refuses all that rests on a write the disk refused, tells nobody, and goes on", async () => {
    const { store, workflows, changes, submit, start } = authority();
    await start();
    store.hold = Promise.reject(new SyncError("not_saved", "the disk refused"));
    const settled = await Promise.allSettled([
      submit(report(0, { progress: 0.1 })),
      submit(report(0, { progress: 0.2 }), { expected: { revision: 1 } }),
    ]);
    expect(
      settled.map((one) => one.status === "rejected" && (one.reason as SyncError).code),
    ).toEqual(["not_saved", "not_saved"]);
    expect(changes).toHaveLength(1);
    expect(workflows.find("deploy")?.record.revision).toBe(1);
    store.hold = Promise.resolve();
    expect(await submit(report(0, { progress: 0.1 }))).toMatchObject({ revision: 2 });
  });

  it("a repeated command is done once, whether the first is still under way or long done", async () => {
    const { workflows, submit, start } = authority();
    await start();
    const command = report(0, { progress: 0.5 });
    const [first, second] = await Promise.all([
      submit(command, { requestId: "r1" }),
      submit(command, { requestId: "r1" }),
    ]);
    await submit(report(1, { progress: 0.1 }));
    const third = await submit(command, { requestId: "r1" });
    expect([first, second, third].map(({ revision }) => revision)).toEqual([2, 2, 2]);
    expect(workflows.find("deploy")?.record.revision).toBe(3);
    await expect(submit(report(0, { progress: 0.6 }), { requestId: "r1" })).rejects.toMatchObject({
      code: "key_reused",
    });
  });

  it("a repeated start without a name starts one workflow", async () => {
    const { workflows, submit } = authority();
    const command = { kind: "save" as const, state: { title: "Backup" } };
    const outcomes = await Promise.all(
      [1, 2, 3].map(() => submit(command, { requestId: "start" })),
    );
    expect(new Set(outcomes.map(({ workflow_id }) => workflow_id)).size).toBe(1);
    expect([...workflows.all()]).toHaveLength(1);
  });

  it("recognises a repeated start without a name after a restart, also once it is history", async () => {
    const before = authority();
    const command = { kind: "save" as const, state: { status: "completed" as const } };
    const first = await before.submit(command, { requestId: "start" });
    before.clock.advance(30_000);
    await before.workflows.expire(first.workflow_id!, first.epoch!);
    const after = authority({}, before.store);
    expect(await after.submit(command, { requestId: "start" })).toEqual({
      ...first,
      token: undefined,
    });
    expect([...after.workflows.all()]).toMatchObject([{ inHistory: true }]);
  });

  it("a repeated clear of the current workflow does not clear the next one", async () => {
    const { workflows, submit, start } = authority();
    await start("first");
    await submit({ kind: "clear" }, { requestId: "c" });
    await start("second");
    expect(await submit({ kind: "clear" }, { requestId: "c" })).toMatchObject({
      workflow_id: "first",
    });
    expect(workflows.current?.workflow_id).toBe("second");
  });

  it("knows the workflow started last and not cleared as current", async () => {
    const { workflows, submit, start } = authority();
    await start("first");
    await start("second");
    await submit({ ...report(0, { progress: 1 }), workflow_id: "first" });
    expect(workflows.current?.workflow_id).toBe("second");
    await submit({ kind: "clear", workflow_id: "second" });
    expect(workflows.current?.workflow_id).toBe("first");
    await submit({ kind: "clear" });
    expect(workflows.current).toBeNull();
    expect(await submit({ kind: "clear" })).toEqual({
      workflow_id: null,
      epoch: null,
      revision: null,
    });
  });

  it("a cleared id begins another epoch, which no late report reaches", async () => {
    const { submit, start } = authority();
    const { epoch } = await start();
    await submit({ kind: "clear" });
    const again = await start();
    expect(again.epoch).not.toBe(epoch);
    expect(again.revision).toBe(1);
    const late = submit(report(0, { progress: 1 }), { expected: { epoch: epoch!, revision: 1 } });
    await expect(late).rejects.toMatchObject({
      code: "position_moved",
      at: { epoch: again.epoch, revision: 1 },
    });
  });

  it("a state over the limit is refused, however small the steps towards it", async () => {
    const { workflows, submit, start } = authority({ stateBytes: 4_000 });
    await start();
    const grow = (i: number) =>
      submit({
        kind: "save",
        merge: true,
        workflow_id: "deploy",
        state: { [`k${i}`]: "x".repeat(500) },
      });
    const outcomes = [];
    for (let i = 0; i < 12; i++)
      outcomes.push(
        await grow(i).then(
          () => "ok",
          (error: SyncError) => error.code,
        ),
      );
    expect(outcomes.filter((one) => one === "ok").length).toBeGreaterThanOrEqual(5);
    expect(outcomes.at(-1)).toBe("too_large");
    const text = JSON.stringify(workflows.find("deploy")?.record.state);
    expect(text.length).toBeLessThanOrEqual(4_000);
  });

  it("a new workflow over the limit is refused, and the others are served", async () => {
    const { submit, start } = authority({ openWorkflows: 2 });
    await start("a");
    await start("b");
    await expect(start("c")).rejects.toMatchObject({ code: "too_many" });
    await submit({ ...report(0, { progress: 1 }), workflow_id: "a" });
    await submit({ kind: "clear", workflow_id: "b" });
    await start("c");
  });

  it("an authority that is closing refuses what is new and finishes what was accepted", async () => {
    const { workflows, submit, start } = authority();
    await start();
    const last = submit(report(0, { progress: 1 }));
    await workflows.close();
    expect(await last).toMatchObject({ revision: 2 });
    await expect(submit(report(0, { progress: 1 }))).rejects.toMatchObject({
      code: "shutting_down",
    });
  });
});
