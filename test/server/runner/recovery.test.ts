/** A server that comes up after a crash, by what the one before left: said of each workflow, and gone on with. */
import { expect, test } from "vitest";
import { defineWorkflow } from "../../../server/runner/definition/source/defineWorkflow.js";
import type { Recorded } from "../../../server/runner/kept/leftovers.js";
import { type RecoveryOptions, recover } from "../../../server/runner/recovery.js";
import type { LiveRecord } from "../../../server/state/store/record.js";
import { SyncError } from "../../../shared/errors.js";
import type { Step, WorkflowState } from "../../../shared/schema/workflow.js";
import { manualClock } from "../../support/clocks/manualClock.js";
import { NOW, recordOf, stateOf } from "../../support/disks/records.js";

const OURS = { token: 1, driver: "Instep", boot_id: "the last life" };
const LEASE = { driver: "Instep", boot_id: "this life" };

const leftover: Recorded = {
  workflow_id: "deploy",
  index: 0,
  attempt: 1,
  group: 7,
  started: "1",
  machine: "here",
  mark: "INSTEP_RUN=r.0.1",
};

const nothingKept = (): never => {
  throw new Error("there is no command in a keeper's hands");
};

interface Crash {
  readonly state?: Partial<WorkflowState>;
  readonly lease?: LiveRecord["lease"];
  /** The first step. */
  readonly step?: { readonly idempotent?: boolean; readonly attempts?: Step["attempts"] };
  readonly onRestart?: "ask" | "resume";
  readonly isRecipeGone?: boolean;
  readonly left?: "runs" | "is gone" | "cannot be ended";
  /** In a cluster: goes on with it before this one does. */
  readonly quicker?: string;
}

/** What is said of the one workflow and asked for it, in order. */
async function saidAfter(crash: Crash): Promise<string[]> {
  const { state, lease = OURS, step = {}, onRestart = "ask", isRecipeGone, left, quicker } = crash;
  const here = quicker === undefined ? LEASE : { ...LEASE, node: "here" };
  const said: string[] = [];
  const steps = stateOf().steps.map((one, at) =>
    at === 0 && step.attempts ? { ...one, attempts: step.attempts } : one,
  );
  const open = new Map([
    ["deploy", recordOf({ run: "r", lease, state: stateOf({ steps, ...state }) })],
  ]);
  const definition = defineWorkflow({
    name: "deploy",
    onRestart,
    steps: [
      { action: "copy", run: () => {}, idempotent: step.idempotent ?? false },
      { action: "switch", run: () => {} },
    ],
  });
  const data = { name: "deploy", source: null, folder: ".", inputs: {}, secret_answers: {} };
  const options: RecoveryOptions = {
    store: { open },
    workflows: {
      say: async (workflow_id, command) => {
        const known = open.get(workflow_id) as LiveRecord;
        const {
          kind,
          note,
          left: processes,
        } = command as { kind: string } & Record<string, string>;
        said.push([kind, processes, kind === "note" && note].filter((part) => part).join(" "));
        if (kind === "interrupt") {
          const interruption = { at: NOW, reason: "server_restart", step: 0 } as const;
          const interrupted = { ...known.state, status: "interrupted", interruption } as const;
          open.set(workflow_id, { ...known, lease: null, state: interrupted });
        }
        return undefined as never;
      },
      submit: async ({ command, prepared }) => {
        said.push(`${command.kind} ${prepared?.lease ? "runs" : "waits"}`);
        if (quicker !== undefined) {
          const known = open.get("deploy") as LiveRecord;
          const theirs = { ...OURS, token: 2, boot_id: "another", node: quicker };
          open.set("deploy", { ...known, lease: theirs });
          throw new SyncError("stale_driver", '"Instep" drives this workflow now');
        }
        return undefined as never;
      },
    },
    leftovers: {
      found: () => (left ? [{ recorded: leftover, isRunning: left !== "is gone" }] : []),
      names: () => ["7 (rsync)"],
      end: async () => (left === "cannot be ended" ? ["7 (rsync)"] : []),
      forget: () => void said.push("forgotten"),
    },
    keepers: {
      found: () => ({ folders: [], unknown: [] }),
      standing: nothingKept,
      takeUp: nothingKept,
      handOver: nothingKept,
      discard: nothingKept,
      seenUntil: null,
    },
    crews: {
      lease: here,
      recipeOf: () => (isRecipeGone ? null : { definition, data }),
      leaseFor: () => ({ lease: here }),
      reserve: () => ({ lease: here, settle: () => {} }),
    },
    secretEnv: {},
    tools: { clock: manualClock(), signalGroup: () => false, onExit: () => () => {} },
    log: { warn: () => {}, error: (...problem: unknown[]) => said.push(JSON.stringify(problem)) },
  };
  const ending = await recover(options);
  await Promise.all(ending.values());
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  return said;
}

const asked = { id: "q", step: 0, block_reason: "question" as const, prompt: "Go on?", fields: {} };
const again = (count: number): Step["attempts"] =>
  Array.from({ length: count }, (_, at) => ({ attempt: at + 1, status: "interrupted" as const }));
const RESUMES = { onRestart: "resume", step: { idempotent: true } } as const;

const CRASHES: readonly (readonly [claim: string, crash: Crash, said: readonly string[]])[] = [
  ["a workflow of another driver is left alone", { lease: { token: 1, driver: "tab" } }, []],
  ["a workflow that had ended is left alone", { state: { status: "completed" } }, []],
  ["a workflow that ran waits for somebody", {}, ["interrupt"]],
  ["a workflow that resumes by itself goes on", RESUMES, ["interrupt", "resume runs"]],
  ["a step that may not be repeated waits for somebody", { onRestart: "resume" }, ["interrupt"]],
  [
    "a workflow without its recipe waits for somebody",
    { ...RESUMES, isRecipeGone: true },
    ["interrupt"],
  ],
  [
    "a step that went on by itself three times waits, and says so",
    { ...RESUMES, step: { idempotent: true, attempts: again(3) } },
    ["interrupt", "note It went on by itself 3 times in this step; now somebody has to say so."],
  ],
  ["a question outlives the server", { state: { status: "blocked", block_info: asked } }, ["take"]],
  [
    "a question whose recipe is gone does not",
    { state: { status: "blocked", block_info: asked }, isRecipeGone: true },
    ["interrupt"],
  ],
  [
    "a process that was left is ended, and then the workflow goes on",
    { ...RESUMES, left: "runs" },
    ["interrupt", "processes ending", "processes ended", "resume runs"],
  ],
  [
    "a workflow with which another node was quicker is no error",
    { ...RESUMES, quicker: "there" },
    ["interrupt", "resume runs"],
  ],
  ["a process that is gone is forgotten", { left: "is gone" }, ["forgotten", "interrupt"]],
  [
    "beside a process that cannot be ended nothing goes on",
    { ...RESUMES, left: "cannot be ended" },
    ["interrupt", "processes ending", "processes may_be_running"],
  ],
  [
    "a question beside a process that was left does not outlive the server",
    { state: { status: "blocked", block_info: asked }, left: "runs" },
    ["interrupt", "processes ending", "processes ended"],
  ],
  [
    "a workflow that was being cancelled is cancelled",
    { ...RESUMES, state: { stop_requested: { at: NOW } } },
    ["interrupt", "stop waits"],
  ],
];

test.each(CRASHES)("%s", async (_, crash, said) => {
  expect(await saidAfter(crash)).toEqual(said);
});
