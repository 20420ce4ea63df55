/** The rules of the authority as tables: which command is taken where, and with what it is refused. */
import { describe, expect, it, test } from "vitest";
import type { Records, ReduceContext } from "../../../../server/state/rules/outcome.js";
import { type Reducible, reduce } from "../../../../server/state/rules/reduce.js";
import type { LiveRecord } from "../../../../server/state/store/record.js";
import { SyncError } from "../../../../shared/errors.js";
import { Command, type CommandOf } from "../../../../shared/schema/command.js";
import type { WorkflowState } from "../../../../shared/schema/workflow.js";
import { eachStep } from "../../../../shared/state/stepPlace.js";
import { cellsOf } from "../../../support/cells.js";
import { NOW, recordOf, stateOf } from "../../../support/disks/records.js";

const CONTEXT: ReduceContext = {
  now: Date.parse(NOW),
  clearAfterMs: 30_000,
  receiptsPerWorkflow: 10,
  epoch: "e2",
  opening: { order: 7 },
  logBytes: () => 0,
};

const input = { steps: [{ action: "copy" }, { action: "switch" }] };
const prepared = { state: input, run: "r2", lease: { driver: "instep", boot_id: "b1" } };
const workflow_id = "deploy";

const COMMANDS = {
  save: { command: { kind: "save", state: input } },
  merge: { command: { kind: "save", merge: true, state: { note: "half-way" } } },
  step: { command: { kind: "step", index: 0, update: { progress: 0.5 } } },
  claim: { command: { kind: "claim", workflow_id, driver: "laptop" } },
  release: { command: { kind: "release", workflow_id } },
  start: { command: { kind: "start", name: "deploy" }, prepared },
  retry: { command: { kind: "retry" }, prepared },
  resume: { command: { kind: "resume" }, prepared },
  answer: { command: { kind: "answer", answer: { go: true } } },
  stop: { command: { kind: "stop" } },
  restore: { command: { kind: "restore", workflow_id } },
} as const satisfies Record<string, Pick<Reducible, "command" | "prepared">>;

type Named = keyof typeof COMMANDS;

const inState = (fields: Partial<WorkflowState>, record: Partial<LiveRecord> = {}): LiveRecord =>
  recordOf({ run: "r1", state: stateOf(fields), ...record });
const running = inState({});
const completed = inState({ status: "completed", end_time: NOW });
const QUESTION = { id: "q1", prompt: "Go on?", fields: { go: { type: "boolean" } } };
const blocked = inState({ status: "blocked", block_info: QUESTION });
const interrupted = inState({ status: "interrupted" });
const only = (open: LiveRecord): Records => ({ workflow_id, open, ended: null });

const RECORDS = {
  nothing: { workflow_id, open: null, ended: null },
  running: only(running),
  blocked: only(blocked),
  interrupted: only(interrupted),
  completed: only(completed),
  cleared: { workflow_id, open: null, ended: completed },
  damaged: { workflow_id, open: null, ended: null, damaged: true, backup: inState({}) },
} as const satisfies Record<string, Records>;

/** `taken`, or the code of the refusal. */
function verdict(
  records: Records,
  named: Named,
  around: Partial<Reducible> = {},
  context = CONTEXT,
): string {
  try {
    reduce(records, { ...COMMANDS[named], bytes: 100, ...around }, context);
    return "taken";
  } catch (refusal) {
    if (refusal instanceof SyncError) return refusal.code;
    throw refusal;
  }
}

describe("a command meets what there is of its workflow", () => {
  test.each(
    cellsOf(`
             nothing           running      blocked      interrupted  completed      cleared        damaged
    save     taken             taken        taken        taken        already_ended  taken          damaged
    merge    unknown_workflow  taken        taken        taken        taken          already_ended  damaged
    step     unknown_workflow  taken        taken        taken        already_ended  already_ended  damaged
    claim    unknown_workflow  taken        taken        taken        already_ended  already_ended  damaged
    release  unknown_workflow  taken        taken        taken        taken          already_ended  damaged
    start    taken             id_in_use    id_in_use    id_in_use    id_in_use      taken          damaged
    retry    taken             id_in_use    id_in_use    id_in_use    id_in_use      taken          damaged
    resume   unknown_workflow  not_waiting  bad_message  taken        already_ended  already_ended  damaged
    answer   unknown_workflow  not_waiting  taken        not_waiting  already_ended  already_ended  damaged
    stop     unknown_workflow  taken        taken        taken        already_ended  already_ended  damaged
    restore  unknown_workflow  unknown_workflow  unknown_workflow  unknown_workflow  unknown_workflow  unknown_workflow  taken`),
  )("%s, where there is %s: %s", (command, there, expected) => {
    expect(verdict(RECORDS[there as keyof typeof RECORDS], command as Named)).toBe(expected);
  });
});

const HELD = { token: 3, driver: "laptop" };

describe("a command meets the lease of a driver", () => {
  const DRIVEN = { answer: blocked, resume: interrupted };
  const free = { lease: null, fence: 2 };
  const held = { lease: HELD, fence: 3 };
  const around = {
    "free, no token": [free, undefined],
    "free, old token": [free, 2],
    "held, no token": [held, undefined],
    "held, its token": [held, 3],
    "held, old token": [held, 2],
    "by the server": [{ lease: { ...HELD, boot_id: "b1" }, fence: 3 }, undefined],
  } as const;
  test.each(
    cellsOf(`
             free, no token  free, old token  held, no token  held, its token  held, old token  by the server
    save     taken           stale_driver     stale_driver    taken            stale_driver     stale_driver
    merge    taken           stale_driver     stale_driver    taken            stale_driver     stale_driver
    step     taken           stale_driver     stale_driver    taken            stale_driver     stale_driver
    claim    taken           taken            stale_driver    taken            stale_driver     stale_driver
    release  taken           stale_driver     stale_driver    taken            stale_driver     stale_driver
    stop     taken           taken            taken           taken            taken            taken
    answer   taken           taken            taken           taken            taken            taken
    resume   taken           taken            stale_driver    stale_driver     stale_driver     stale_driver`),
  )("%s, with the workflow %s, gives %s", (command, lease, expected) => {
    const [fields, token] = around[lease as keyof typeof around];
    const { state } = DRIVEN[command as keyof typeof DRIVEN] ?? running;
    expect(verdict(only({ ...running, state, ...fields }), command as Named, { token })).toBe(
      expected,
    );
  });
});

describe("a command is made for a position", () => {
  const around = {
    "this one": { epoch: "e1", revision: 1 },
    "an old one": { epoch: "e1", revision: 0 },
    "another epoch": { epoch: "e0", revision: 1 },
    any: "any",
    none: "none",
  } as const;
  test.each(
    cellsOf(`
               this one        an old one      another epoch   any             none
    nothing    position_moved  position_moved  position_moved  position_moved  taken
    running    taken           position_moved  position_moved  taken           position_moved
    completed  already_ended   position_moved  position_moved  already_ended   position_moved
    cleared    position_moved  position_moved  position_moved  position_moved  position_moved`),
  )("a save of a workflow that is %s, made for %s, gives %s", (there, expected, code) => {
    const records = RECORDS[there as keyof typeof RECORDS];
    const position = around[expected as keyof typeof around];
    expect(verdict(records, "save", { expected: position })).toBe(code);
  });
});

describe("reduce", () => {
  it("a start gets its number and its epoch, and is refused where too many are open", () => {
    const submission = { ...COMMANDS.save, bytes: 100 };
    expect(reduce(RECORDS.nothing, submission, CONTEXT)).toMatchObject({
      record: { order: 7, epoch: "e2", revision: 1 },
      outcome: { workflow_id, epoch: "e2", revision: 1 },
    });
    const full: ReduceContext = { ...CONTEXT, opening: { tooMany: 2 } };
    for (const start of ["save", "start", "retry"] as const)
      expect(verdict(RECORDS.nothing, start, {}, full)).toBe("too_many");
    expect(verdict(RECORDS.running, "save", {}, full)).toBe("taken");
  });

  it("a late save of a cleared workflow is refused, and one that comes with its token", () => {
    const late = { kind: "save", state: { ...input, start_time: NOW } } as const;
    expect(verdict(RECORDS.cleared, "save", { command: late })).toBe("already_ended");
    expect(verdict(RECORDS.cleared, "save", { token: 1 })).toBe("stale_driver");
  });

  it("a driver whose name is known starts as that name, and no save of theirs names another one", () => {
    const said = (state: object, user?: string) => ({
      ...{ command: { kind: "save", state: { ...input, ...state } } as const, bytes: 100, user },
    });
    const starterIn = (records: Records, submission: Reducible) =>
      (reduce(records, submission, CONTEXT).record as LiveRecord).state.started_by;
    expect(starterIn(RECORDS.nothing, said({ started_by: "root" }, "ann"))).toBe("ann");
    expect(starterIn(RECORDS.nothing, said({ started_by: "root" }))).toBe("root");
    const anns = only(inState({ started_by: "ann" }));
    for (const started_by of ["root", undefined, null]) {
      expect(starterIn(anns, said({ started_by }, "bob"))).toBe("ann");
      const merge = { kind: "save", merge: true, state: { note: "x", started_by } } as const;
      expect(starterIn(anns, { command: merge, bytes: 100, user: "bob" })).toBe("ann");
    }
    expect(starterIn(RECORDS.running, said({ started_by: "root" }, "bob"))).toBe(undefined);
  });

  describe("the answers that a driver keeps in its steps", () => {
    const ats = { at: "2026-01-01T00:00:00Z", id: "q1", prompt: "Go on?" };
    const bySteps = (steps: object[]) => steps as never;
    const asked = (by: string | undefined, more: object = {}) => ({
      ...{ action: "a", status: "in_progress", answer: { go: true }, answered: { ...ats, by } },
      ...more,
    });
    const kept = only(inState({ steps: bySteps([{ ...asked("carl"), index: 0 }]) }));
    const whole = (...steps: object[]) =>
      ({ kind: "save", state: { ...input, steps: bySteps(steps) } }) as const;
    const merge = (...steps: object[]) =>
      ({ kind: "save", merge: true, state: { steps: bySteps(steps) } }) as const;
    const step = (update: Record<string, unknown>) =>
      ({ kind: "step", index: 0, update }) as CommandOf<"step">;
    const other = { answered: { ...ats, id: "q2", by: "carl" } };
    const branch = (by: string) => ({
      ...{ action: "p", status: "in_progress", steps: [asked(by)] },
    });
    /** Of the first step that has an answer, where a driver known as bob sends it. */
    const byOf = (records: Records, command: Reducible["command"], user?: string) => {
      const { state } = reduce(records, { command, bytes: 500, user }, CONTEXT)
        .record as LiveRecord;
      const [, told] = eachStep(state).find(([, one]) => one.answered)!;
      return told.answered?.by;
    };

    it.each<[string, Records, Reducible["command"], string | undefined]>([
      ["a first save", RECORDS.nothing, whole(asked("carl")), "bob"],
      ["a first save that names nobody", RECORDS.nothing, whole(asked(undefined)), "bob"],
      ["a branch of a first save", RECORDS.nothing, whole(branch("carl")), "bob"],
      ["a whole save of what is kept", kept, whole(asked("carl")), "carl"],
      ["a whole save that renames", kept, whole(asked("root")), "carl"],
      ["a whole save that leaves the name out", kept, whole(asked(undefined)), "carl"],
      ["a whole save that moves the step", kept, whole({ action: "z" }, asked("root")), "carl"],
      ["a whole save of another answer", kept, whole(asked("carl", other)), "bob"],
      [
        "a whole save of another question",
        kept,
        whole({ action: "z" }, asked("carl", other)),
        "bob",
      ],
      ["other words in an answer", kept, whole(asked("carl", { answer: { go: false } })), "bob"],
      ["a merge that renames", kept, merge(asked("root")), "carl"],
      ["a merge of another answer", kept, merge(asked("carl", other)), "bob"],
      ["a report that renames", kept, step({ answered: { ...ats, by: "root" } }), "carl"],
      ["a report of another answer", kept, step(other), "bob"],
      ["a report of other words", kept, step({ answer: { go: false } }), "bob"],
      ["a report of something else", kept, step({ message: "on it" }), "carl"],
    ])(
      "an answer in a step names who sent it, or who gave it before, and nobody else: %s",
      (_, records, command, by) => {
        expect(byOf(records, command, "bob")).toBe(by);
      },
    );

    it("an answer in a step is as it was sent where nobody knows who sent it", () => {
      expect(byOf(kept, whole(asked("root")))).toBe("root");
      expect(byOf(kept, step(other))).toBe("carl");
    });
  });

  it("whoever stops a workflow stays in its state, until it is resumed", () => {
    const stop = { command: { kind: "stop", by: "ann" } as const, bytes: 100 };
    const { state } = reduce(RECORDS.interrupted, stop, CONTEXT).record as LiveRecord;
    expect(state).toMatchObject({ status: "cancelled", stopped_by: "ann" });
    const stopping = inState({ status: "interrupted", stopped_by: "ann" });
    const resumed = reduce(only(stopping), { ...COMMANDS.resume, bytes: 100 }, CONTEXT);
    expect((resumed.record as LiveRecord).state).not.toHaveProperty("stopped_by");
  });

  it("a repeated command gets the outcome it had, and its id is refused for another command", () => {
    const first = { ...COMMANDS.step, bytes: 100, requestId: "k1" };
    const { record, outcome } = reduce(RECORDS.running, first, CONTEXT);
    const after = only(record as LiveRecord);
    const again = reduce(after, first, CONTEXT);
    expect(again.outcome).toEqual(outcome);
    expect(again.record).toBe(record);
    expect(verdict(after, "stop", { requestId: "k1" })).toBe("key_reused");
  });

  /** As they stand in the records of the version in which an answer was a resume. */
  it.each([
    ["fZkhujJazT6g9y6WfBvRRT", { workflow_id, answer: { go: true }, question: "q1", by: "ada" }],
    ["KIqha7pZvp4yPCKbelZv4q", { answer: { go: true } }],
  ])("knows an answer again by its former print %s, and no other answer", (print, given) => {
    const receipt = { id: "k1", print, epoch: "e1", revision: 2 };
    const after = only({ ...running, revision: 3, receipts: [receipt] });
    for (const form of ["resume", "answer"]) {
      const command = Command.parse({ ...given, kind: form }) as CommandOf<"answer">;
      const again = reduce(after, { command, bytes: 100, requestId: "k1" }, CONTEXT);
      expect(again.outcome).toMatchObject({ workflow_id, epoch: "e1", revision: 2 });
      expect(again.record).toBe(after.open);
      const other = { ...command, answer: { go: false } };
      expect(verdict(after, "answer", { command: other, requestId: "k1" })).toBe("key_reused");
    }
  });

  it("both forms of an answer have the same fingerprint, the one that a former version wrote", () => {
    const command = { ...COMMANDS.answer.command, workflow_id, question: "q1", by: "ada" };
    const { record } = reduce(RECORDS.blocked, { command, bytes: 100, requestId: "k1" }, CONTEXT);
    expect(record?.receipts).toMatchObject([{ id: "k1", print: "fZkhujJazT6g9y6WfBvRRT" }]);
  });

  it("saves nothing where what is asked for is so already", () => {
    const held = only(inState({}, { lease: HELD, fence: 3 }));
    const claim = { ...COMMANDS.claim, bytes: 100, token: 3 };
    expect(reduce(held, claim, CONTEXT)).toMatchObject({ outcome: { revision: 1, token: 3 } });
    expect(reduce(held, claim, CONTEXT).record).toBe(held.open);
    const release = { ...COMMANDS.release, bytes: 100 };
    expect(reduce(RECORDS.running, release, CONTEXT).record).toBe(RECORDS.running.open);
  });

  it("reduce gives the same for the same, and changes nothing that it was given", () => {
    for (const [name, records] of Object.entries(RECORDS)) {
      for (const named of Object.keys(COMMANDS) as Named[]) {
        const before = structuredClone(records);
        const once = () => {
          try {
            return reduce(records, { ...COMMANDS[named], bytes: 100 }, CONTEXT);
          } catch (refusal) {
            return String(refusal);
          }
        };
        expect(once(), `${named}, ${name}`).toEqual(once());
        expect(records).toEqual(before);
      }
    }
  });
});
