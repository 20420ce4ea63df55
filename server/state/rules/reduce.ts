/** A record and a proposal make the next record, or a refusal. Pure: time, chance and numbers come in. */
import { SyncError } from "../../../shared/errors.js";
import type { Command, Proposal } from "../../../shared/schema/command.js";
import type { WorkflowState } from "../../../shared/schema/workflow.js";
import { isEnded } from "../../../shared/statuses.js";
import { isSameMoment } from "../../../shared/text/time.js";
import { isLive, type LiveRecord, type WorkflowRecord } from "../store/record.js";
import { answered, checkQuestion } from "./answering.js";
import { checkExpected } from "./expected.js";
import type { Outcome, Place, ReduceContext, Reduced } from "./outcome.js";
import { findRepeated, remember } from "./receipts.js";
import { restored } from "./restoring.js";
import { resumed } from "./resuming.js";
import { settleMerge, settleStepUpdate, settleWhole } from "./settle.js";
import { checkBranches, checkedCount, requireStep } from "./stepAddress.js";
import { withLogBytes } from "./stepOutput.js";
import { stopped } from "./stopping.js";
import type { Submission } from "./submission.js";
import { underLease } from "./takingUp.js";

type Reducible = Proposal & Pick<Submission, "implied" | "prepared">;

/** Throws SyncError where the command is refused. `clear` is not for here: it ends a record instead of changing it. */
export function reduce(place: Place, proposal: Reducible, context: ReduceContext): Reduced {
  const { command } = proposal;
  const repeated = findRepeated(place, proposal);
  if (repeated) return { record: place.open, outcome: repeated };
  if (command.kind === "restore") return restored(place, proposal, context);
  if (place.damaged && !isLive(place.open)) throw damaged(place.workflow_id);
  // Against the open one only: a late save must not match the end it comes after.
  checkExpected(proposal.expected === "none" ? place : { ...place, ended: null }, proposal);
  const now = new Date(context.now).toISOString();
  switch (command.kind) {
    case "claim":
      return claim(requireOpen(place), proposal, command.driver, context);
    case "start":
    case "retry":
      return startRun(place, proposal, context, now);
    case "resume": {
      const record = requireOpen(place);
      if (isEnded(record.state.status) && !command.answer) throw ended(record.state);
      const next = command.answer
        ? { ...record, state: answered(record, command, now) }
        : resumed(record, command, proposal.prepared, now);
      return advance(next, next.state, proposal, context);
    }
    case "stop": {
      const record = requireOpen(place);
      if (isEnded(record.state.status)) throw ended(record.state);
      const next = stopped(record, command, proposal.prepared, now);
      if (next === record) return { record, outcome: outcomeOf(record) };
      return advance(next, next.state, proposal, context);
    }
  }
  checkToken(place, proposal);
  if (command.kind === "release") return release(requireOpen(place), proposal, context);
  if (command.kind === "step") {
    const record = requireOpen(place);
    if (isEnded(record.state.status)) throw ended(record.state);
    const { index, update } = command;
    requireStep(record.state, index);
    checkBranches(index, update);
    const state = checkedCount(settleStepUpdate(index, update, record.state, now));
    return advance(record, state, proposal, context);
  }
  if (command.kind !== "save") throw new Error(`reduce does not know ${command.kind}`);
  checkQuestion(command.state);
  if (command.merge) {
    const record = requireOpen(place);
    return advance(
      record,
      checkedEnd(record, checkedCount(settleMerge(command.state, record.state, now))),
      proposal,
      context,
    );
  }
  if (isLive(place.open)) {
    const before = place.open;
    const state = checkedCount(settleWhole(command.state, place.workflow_id, before.state, now));
    return advance(before, checkedEnd(before, state), proposal, context);
  }
  return start(place, command, proposal, context, now);
}

type WholeSave = Extract<Command, { kind: "save"; merge?: false | undefined }>;

function start(
  place: Place,
  command: WholeSave,
  proposal: Proposal,
  context: ReduceContext,
  now: string,
): Reduced {
  if (proposal.token !== undefined) {
    throw new SyncError("stale_driver", "the workflow this driver reports on was cleared");
  }
  const past = place.ended?.state;
  const startTime = command.state.start_time;
  if (startTime && past && isSameMoment(past.start_time, startTime)) throw ended(past);
  const state = settleWhole(command.state, place.workflow_id, null, now);
  return advance(newRecord(place, state, context), state, proposal, context);
}

/** Of the server's own: its runner has checked and prepared it. */
function startRun(place: Place, proposal: Reducible, context: ReduceContext, now: string): Reduced {
  if (isLive(place.open)) {
    throw new SyncError("id_in_use", `there is a workflow "${place.workflow_id}" already`);
  }
  const { state: input, marks, run, lease = null, behind } = proposal.prepared ?? {};
  if (!input || !run) throw new Error(`${proposal.command.kind} was not prepared`);
  const settled = { ...settleWhole(input, place.workflow_id, null, now), ...marks };
  const record = { ...newRecord(place, settled, context), run };
  const held = underLease(record, { lease, behind }, now);
  return advance(held, held.state, proposal, context);
}

function newRecord(place: Place, state: WorkflowState, context: ReduceContext): LiveRecord {
  return {
    workflow_id: place.workflow_id,
    epoch: context.newEpoch(),
    revision: 0,
    order: context.nextOrder(),
    state,
    // A late repetition of a command to the former life must still be recognised.
    receipts: (place.open ?? place.ended)?.receipts ?? [],
    fence: (place.open ?? place.ended)?.fence ?? 0,
    lease: null,
    clear_at: null,
  };
}

function claim(
  record: LiveRecord,
  proposal: Proposal,
  driver: string,
  context: ReduceContext,
): Reduced {
  if (isEnded(record.state.status)) throw ended(record.state);
  const { lease } = record;
  if (lease && lease.token === proposal.token) {
    return { record, outcome: outcomeOf(record, lease.token) };
  }
  if (lease) throw new SyncError("stale_driver", `"${lease.driver}" drives this workflow now`);
  const token = record.fence + 1;
  const since = new Date(context.now).toISOString();
  const state = { ...record.state, driver: { name: driver, since } };
  const claimed: LiveRecord = { ...record, fence: token, lease: { token, driver } };
  return advance(claimed, state, proposal, context, token);
}

function release(record: LiveRecord, proposal: Proposal, context: ReduceContext): Reduced {
  if (!record.lease) return { record, outcome: outcomeOf(record) };
  const { driver: _released, ...state } = record.state;
  return advance({ ...record, lease: null }, state as WorkflowState, proposal, context);
}

function advance(
  record: LiveRecord,
  reported: WorkflowState,
  proposal: Proposal,
  { now, clearAfterMs, receiptsPerWorkflow, logBytes }: ReduceContext,
  token?: number,
): Reduced {
  // A record that only now starts has no state before.
  const before = record.revision === 0 ? null : record.state;
  const state = withLogBytes(reported, before, (step, attempt) =>
    logBytes(record.epoch, step, attempt),
  );
  const over = isEnded(state.status);
  const moved: LiveRecord = {
    ...record,
    state,
    revision: record.revision + 1,
    lease: over ? null : record.lease,
    clear_at: over ? (record.clear_at ?? now + clearAfterMs) : null,
  };
  const outcome = outcomeOf(moved, token);
  const receipts = remember(record.receipts, proposal, outcome, receiptsPerWorkflow);
  return { record: { ...moved, receipts }, outcome };
}

const outcomeOf = ({ workflow_id, epoch, revision }: WorkflowRecord, token?: number): Outcome => ({
  workflow_id,
  epoch,
  revision,
  token,
});

function requireOpen({ open, ended: past }: Place): LiveRecord {
  if (isLive(open)) return open;
  if (past?.state) throw ended(past.state);
  throw new SyncError("unknown_workflow", "there is no such workflow");
}

/** While a lease is held only its holder reports; a token whose time is over counts for nothing. */
export function checkToken(
  { open }: Pick<Place, "open">,
  { token }: Pick<Proposal, "token">,
): void {
  const lease = open?.lease;
  if (lease && token !== lease.token) {
    throw new SyncError("stale_driver", `"${lease.driver}" drives this workflow now`);
  }
  if (!lease && token !== undefined && isLive(open) && !isEnded(open.state.status)) {
    throw new SyncError("stale_driver", "this driver's lease has ended; claim the workflow again");
  }
}

/** An ended workflow never opens again, and does not change how it ended. */
function checkedEnd(record: LiveRecord, next: WorkflowState): WorkflowState {
  const { state } = record;
  if (isEnded(state.status) && next.status !== state.status) throw ended(state);
  return next;
}

const ended = (state: WorkflowState): SyncError =>
  new SyncError("already_ended", `this workflow has ended (${state.status}); start a new one`);

const damaged = (workflow_id: string): SyncError =>
  new SyncError(
    "damaged",
    `the record of "${workflow_id}" is damaged, and was set aside; restore the version before it, or clear it to use its id again`,
  );
