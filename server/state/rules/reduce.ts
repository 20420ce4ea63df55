/** A record and a command make the next record, or a refusal. Pure: time, chance and numbers come in. */
import type { CommandKind, CommandOf } from "../../../shared/schema/command.js";
import type { WorkflowState } from "../../../shared/schema/workflow.js";
import { placeOfIndex } from "../../../shared/state/stepPlace.js";
import { isEnded } from "../../../shared/statuses.js";
import { isLive, type LiveRecord } from "../store/record.js";
import { advanced, unchanged } from "./advance.js";
import { answered, answeredAsKnown, checkQuestion } from "./answering.js";
import { checkToken, claimed, released } from "./leasing.js";
import { type Records, type ReduceContext, type Reduced, timeOf } from "./outcome.js";
import { findRepeated } from "./receipts.js";
import { restored } from "./restoring.js";
import { settleMerge, settleStepUpdate, settleWhole } from "./settle.js";
import { checkExpected, checkReadable, hasEnded, requireOpen, requireRunning } from "./standing.js";
import { saidAsKnown, startedBySave, startedHere } from "./starting.js";
import { checkBranches, checkedCount, requireStep } from "./stepAddress.js";
import { stopped } from "./stopping.js";
import type { SubmissionOf } from "./submission.js";
import { resumed } from "./takingUp.js";

/** `clear` is not among them: it ends a record instead of changing it. */
export type Reducible = SubmissionOf<Exclude<CommandKind, "clear">>;

/** Throws SyncError where the command is refused. The same id again gives the outcome that the command had. */
export function reduce(records: Records, submission: Reducible, context: ReduceContext): Reduced {
  const repeated = findRepeated(records, submission);
  if (repeated) return { record: records.open, outcome: repeated };
  const { command } = submission;
  // A restore is of the record that cannot be read; every other command is about one that can.
  if (command.kind !== "restore") checkMeant(records, submission);
  switch (command.kind) {
    case "restore":
      return restored(records, submission, context);
    case "start":
    case "retry":
      return startedHere(records, { ...submission, command }, context);
    case "save":
      checkToken(records, submission);
      checkQuestion(command.state);
      return saved(records, command, submission, context);
    case "step":
      checkToken(records, submission);
      return reported(requireRunning(records), command, submission, context);
    case "claim":
      return claimed(requireRunning(records), command.driver, submission, context);
    case "release":
      checkToken(records, submission);
      return released(requireOpen(records), submission, context);
    case "answer":
      return answeredRecord(requireOpen(records), command, submission, context);
    case "resume":
      return resumedRecord(requireRunning(records), command, submission, context);
    case "stop":
      return stoppedRecord(requireRunning(records), command, submission, context);
  }
}

/** Positions are held against the open record only: a late save must not match the end it comes after. */
function checkMeant(records: Records, submission: Reducible): void {
  checkReadable(records);
  const { expected } = submission;
  if (expected === undefined) return;
  checkExpected(expected === "none" ? records : { ...records, ended: null }, submission);
}

function saved(
  records: Records,
  command: CommandOf<"save">,
  submission: Reducible,
  context: ReduceContext,
): Reduced {
  const now = timeOf(context);
  if (command.merge) {
    const record = requireOpen(records);
    const merged = settleMerge(command.state, record.state, now);
    const state = checkedCount(saidAsKnown(merged, record.state, submission));
    return advanced(record, checkedEnd(record, state), submission, context);
  }
  const record = records.open;
  if (!isLive(record)) return startedBySave(records, command, submission, context);
  const sent = settleWhole(command.state, record.workflow_id, record.state, now);
  const whole = saidAsKnown(sent, record.state, submission);
  return advanced(record, checkedEnd(record, checkedCount(whole)), submission, context);
}

function reported(
  record: LiveRecord,
  { index, update }: CommandOf<"step">,
  submission: Reducible,
  context: ReduceContext,
): Reduced {
  requireStep(record.state, index);
  checkBranches(index, update);
  const settled = settleStepUpdate(index, update, record.state, timeOf(context));
  const state = answeredAsKnown(settled, record.state, submission);
  // Only branches that are sent can be new ones: the steps need not be counted for every report.
  const counted = update.steps === undefined ? state : checkedCount(state);
  const { step: place } = placeOfIndex(index);
  return advanced(record, counted, submission, context, { place });
}

function answeredRecord(
  record: LiveRecord,
  command: CommandOf<"answer">,
  submission: Reducible,
  context: ReduceContext,
): Reduced {
  return advanced(record, answered(record, command, timeOf(context)), submission, context);
}

function resumedRecord(
  record: LiveRecord,
  command: CommandOf<"resume">,
  submission: Reducible,
  context: ReduceContext,
): Reduced {
  const next = resumed(record, command, submission.prepared, timeOf(context));
  return advanced(next, next.state, submission, context);
}

function stoppedRecord(
  record: LiveRecord,
  command: CommandOf<"stop">,
  submission: Reducible,
  context: ReduceContext,
): Reduced {
  const next = stopped(record, command, submission.prepared, timeOf(context));
  return next === record ? unchanged(record) : advanced(next, next.state, submission, context);
}

/** An ended workflow never opens again, and does not change how it ended. */
function checkedEnd({ state }: LiveRecord, next: WorkflowState): WorkflowState {
  if (isEnded(state.status) && next.status !== state.status) throw hasEnded(state);
  return next;
}
