/** Whether a workflow goes on by itself where its node is lost, and how it does. */
import { describe, expect, test } from "vitest";
import type { WorkflowDefinition } from "../../../server/runner/definition/definition.js";
import { parseDefinition } from "../../../server/runner/definition/file/definitionFile.js";
import { goesOnAfterLoss, goOn } from "../../../server/runner/goingOn.js";
import { checkNodeLoss } from "../../../server/runner/start/nodeLoss.js";
import type { Submission } from "../../../server/state/rules/submission.js";
import type { LiveRecord } from "../../../server/state/store/record.js";
import type { Step, WorkflowState } from "../../../shared/schema/workflow.js";
import { NOW, recordOf, stateOf } from "../../support/disks/records.js";

const LEASE = { driver: "Instep", boot_id: "b1", node: "b" };

const recipe = (key: string, idempotent = true): WorkflowDefinition =>
  parseDefinition(
    `name: deploy\n${key}\nsteps:\n  - { action: copy, run: b, idempotent: ${idempotent} }\n  - { action: switch, run: b }`,
    "/deploy.yaml",
  );

const RESUMES = recipe("on_node_loss: resume");

function crewsOf(definition: WorkflowDefinition) {
  const data = { name: "deploy", source: null, folder: ".", inputs: {}, secret_answers: {} };
  return {
    lease: LEASE,
    recipeOf: () => ({ definition, data }),
    leaseFor: () => ({ lease: LEASE }),
    reserve: () => ({ lease: LEASE, settle: () => {} }),
  };
}

const again = (count: number): Step["attempts"] =>
  Array.from({ length: count }, (_, at) => ({ attempt: at + 1, status: "interrupted" as const }));

function running(attempts?: Step["attempts"], more: Partial<WorkflowState> = {}): LiveRecord {
  const steps = stateOf().steps.map((one, at) =>
    at === 0 ? { ...one, status: "in_progress" as const, ...(attempts && { attempts }) } : one,
  );
  return recordOf({ run: "r", state: stateOf({ node: "a", steps, ...more }) });
}

describe("a workflow whose node is lost", () => {
  test.each<[claim: string, definition: WorkflowDefinition, record: LiveRecord, goesOn: unknown]>([
    ["goes on by itself where its definition says so", RESUMES, running(), { at: NOW }],
    ["goes on by itself a third time in one step", RESUMES, running(again(2)), { at: NOW }],
    [
      "waits for somebody after three times in one step, and says so",
      RESUMES,
      running(again(3)),
      { whyNot: "It went on by itself 3 times in this step; now somebody has to say so." },
    ],
    [
      "waits where doing its step twice may do harm, and says so",
      recipe("on_node_loss: resume", false),
      running(),
      {
        whyNot:
          "Doing this step twice may do harm (it is not idempotent): somebody has to say whether it goes on.",
      },
    ],
    [
      "waits for its node where nothing else is said",
      recipe("on_restart: resume"),
      running(),
      undefined,
    ],
    [
      "goes on to its end by itself where somebody had cancelled it",
      RESUMES,
      running(undefined, { stop_requested: { at: NOW } }),
      { at: NOW },
    ],
  ])("%s", (_, definition, record, goesOn) => {
    expect(goesOnAfterLoss(record, crewsOf(definition), NOW)).toEqual(goesOn);
  });

  test("it goes on in the queue, and only as the record is that was looked at", async () => {
    const interruption = { at: NOW, reason: "node_lost" as const, step: 0 };
    const { state, ...rest } = running();
    const record = { ...rest, state: { ...state, status: "interrupted" as const, interruption } };
    const asked: Submission[] = [];
    const options = {
      store: { open: new Map([[record.workflow_id, record]]) },
      workflows: {
        say: async () => undefined as never,
        submit: async (submission: Submission) => {
          asked.push(submission);
          return undefined as never;
        },
      },
      crews: crewsOf(RESUMES),
      secretEnv: {},
    };
    await goOn(record.workflow_id, [], options, { record, queued: true });
    await goOn(record.workflow_id, [], options, { record, queued: false });
    const { epoch, revision } = record;
    expect(asked).toEqual([
      {
        ...{ command: { kind: "resume", workflow_id: record.workflow_id }, bytes: 0 },
        ...{ prepared: { lease: null }, expected: { epoch, revision } },
      },
      {
        ...{ command: { kind: "resume", workflow_id: record.workflow_id }, bytes: 0 },
        ...{ prepared: { lease: LEASE }, expected: { epoch, revision } },
      },
    ]);
  });
});

test("a workflow that has to end with its node is not started where nothing could end it", () => {
  const start =
    (mayBeGuarded: boolean, definition = RESUMES) =>
    () =>
      checkNodeLoss(definition, { keepers: { mayBeGuarded } });
  expect(start(true)).not.toThrow();
  expect(start(false, recipe("on_node_loss: wait"))).not.toThrow();
  expect(start(false)).toThrow("on_node_loss: resume needs a Linux with /proc on each node");
});
