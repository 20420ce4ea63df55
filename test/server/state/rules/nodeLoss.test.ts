/** A workflow whose node is away, and what that node may take back when it comes again. */
import { describe, expect, it } from "vitest";
import { asBeforeLoss } from "../../../../server/state/rules/nodeLoss.js";
import {
  reduceServerCommand,
  type ServerCommand,
} from "../../../../server/state/rules/serverCommands.js";
import type { LiveRecord } from "../../../../server/state/store/record.js";
import type { WorkflowState } from "../../../../shared/schema/workflow.js";
import { NOW, recordOf, stateOf } from "../../../support/disks/records.js";

const CONTEXT = { now: Date.parse(NOW), clearAfterMs: 30_000 };
const LEASE = { token: 3, driver: "Instep", boot_id: "b1", node: "a" };
const AGAIN = { driver: "Instep", boot_id: "b1", node: "a" };
const LOST: ServerCommand = {
  kind: "interrupt",
  reason: "node_lost",
  lost: { node: "a", since: "2026-01-01T00:00:00Z" },
};

const of = (state: Partial<WorkflowState> = {}, fields: Partial<LiveRecord> = {}): LiveRecord =>
  recordOf({
    run: "r",
    fence: 3,
    lease: LEASE,
    state: stateOf({ node: "a", ...state }),
    ...fields,
  });

const told = (record: LiveRecord, command: ServerCommand): LiveRecord | null =>
  reduceServerCommand(record, command, CONTEXT) as LiveRecord | null;

const lost = (record = of()): LiveRecord => told(record, LOST)!;
const regain = (fields: object = {}): ServerCommand => ({
  kind: "regain",
  ...{ lease: AGAIN, fence: 3, note: "It was back." },
  ...fields,
});

const branched = [
  {
    ...{ action: "copy", status: "in_progress" as const, index: 0 },
    steps: [
      { action: "one", status: "in_progress" as const, index: 1_000 },
      { action: "two", status: "completed" as const, index: 2_000 },
    ],
  },
];

describe("a workflow whose node is lost", () => {
  it("it is interrupted, and its note says since when the node is away and what may still run there", () => {
    expect(lost()).toMatchObject({ lease: null, fence: 3 });
    expect(lost().state.interruption).toMatchObject({
      ...{ reason: "node_lost", step: 0, processes: "may_be_running" },
      note: "Node a is away since 2026-01-01T00:00:00Z; its command may still run there.",
    });
  });

  it("where it goes on by itself it is said from when on, and until when its command may still run", () => {
    const at = "2026-01-01T00:00:20Z";
    const { interruption } = told(of(), {
      ...LOST,
      lost: { ...LOST.lost!, goesOn: { at } },
    })!.state;
    expect(interruption).toMatchObject({
      ...{ goes_on_at: at, processes: "may_be_running" },
      note: `Node a is away since 2026-01-01T00:00:00Z; its command may still run there until ${at}, and is ended there by then. From ${at} on it goes on by itself on another node (on_node_loss: resume).`,
    });
  });

  it("a node that has ended the command itself says so, and that it goes on", () => {
    const goesOn = { at: NOW };
    const own = { node: "a", since: null, isEnded: true, goesOn };
    expect(told(of(), { ...LOST, lost: own })!.state.interruption).toMatchObject({
      ...{ goes_on_at: NOW, processes: "ended" },
      note: "Node a could not reach the cluster for some seconds, and its command was ended. It goes on by itself (on_node_loss: resume).",
    });
  });

  it("beside processes that cannot be ended it does not go on by itself any more", () => {
    const goesOn = { at: NOW };
    const record = told(of(), { ...LOST, lost: { ...LOST.lost!, goesOn } })!;
    const ended = { kind: "processes", left: "ended", note: "All have ended." } as const;
    const left = { ...ended, left: "may_be_running" } as const;
    expect(told(record, ended)!.state.interruption).toMatchObject({ goes_on_at: NOW });
    expect(told(record, left)!.state.interruption).not.toHaveProperty("goes_on_at");
  });

  it("between two steps nothing of it may still run", () => {
    const steps = stateOf().steps.map((step) => ({ ...step, status: "pending" as const }));
    expect(lost(of({ steps })).state.interruption).not.toHaveProperty("processes");
  });

  it("one that was being stopped waits for its node, which may end what runs there", () => {
    expect(lost(of({ stop_requested: { at: NOW } })).state.status).toBe("interrupted");
  });

  it("its node has it again as it was, with a note at the step, under another token", () => {
    const again = told(lost(), regain())!;
    expect(again).toMatchObject({ fence: 4, lease: { ...AGAIN, token: 4 } });
    expect(again.state).not.toHaveProperty("interruption");
    expect(again.state).toMatchObject({ status: "running", node: "a" });
    expect(again.state.steps[0]).toEqual({ ...of().state.steps[0], notes: ["It was back."] });
  });

  it("of a parallel step those branches are at work again that were", () => {
    const again = told(lost(of({ steps: branched })), regain())!;
    expect(again.state.steps).toMatchObject([
      { status: "in_progress", steps: [{ status: "in_progress", notes: ["It was back."] }, {}] },
    ]);
    expect(again.state.steps[0]!.steps).toMatchObject([{}, { status: "completed" }]);
  });

  it.each<readonly [claim: string, record: LiveRecord, command: ServerCommand]>([
    ["somebody had it since", { ...lost(), fence: 4 }, regain()],
    ["somebody has it", { ...lost(), lease: { token: 3, driver: "tab" } }, regain()],
    ["it is asked for by another node", lost(), regain({ lease: { ...AGAIN, node: "b" } })],
    [
      "it is asked for by a server alone",
      lost(),
      regain({ lease: { driver: "i", boot_id: "b1" } }),
    ],
    ["it is silent", told(of(), { kind: "interrupt", reason: "silent" })!, regain()],
    ["it is an outside driver's", (({ run: _, ...rest }) => rest)(lost()), regain()],
    ["it was cancelled", of({ status: "cancelled" }, { lease: null }), regain()],
  ])("its node does not have it again where %s", (_, record, command) => {
    expect(told(record, command)).toBeNull();
  });

  it("what it was before shows nothing of the interruption", () => {
    expect(asBeforeLoss(lost(), "a")?.state).toEqual(of().state);
  });
});
