/** A record moves on by one revision: a new state, a receipt of the command, and at an end no lease any more. Pure. */
import type { Proposal } from "../../../shared/schema/command.js";
import type { WorkflowState } from "../../../shared/schema/workflow.js";
import { isEnded } from "../../../shared/statuses.js";
import { keeperOf } from "../../output/homes.js";
import type { LiveRecord, WorkflowRecord } from "../store/record.js";
import type { Outcome, ReduceContext, Reduced } from "./outcome.js";
import { remember } from "./receipts.js";
import { withOutputFacts } from "./stepOutput.js";

/** The parts of a command that its new state does not say. */
interface Beside {
  /** The token that it gives out. */
  readonly token?: number;
  /** The place of the one step that it says something of, where it is about one. */
  readonly place?: number;
}

/** `next` is `record`'s new state. An end ends the lease, too, and begins the time in which the end is shown. */
export function advanced(
  record: LiveRecord,
  next: WorkflowState,
  proposal: Proposal,
  { now, clearAfterMs, receiptsPerWorkflow, logBytes, node, isThere }: ReduceContext,
  { token, place }: Beside = {},
): Reduced {
  // A record that only now starts has no state before.
  const before = record.revision === 0 ? null : record.state;
  const bytesOf = (step: number, attempt: number) => logBytes(record.epoch, step, attempt);
  const keeper = node && isThere ? keeperOf(record, node, isThere) : node;
  const told = node === undefined ? next : withNodeOf(record, next);
  const state = withOutputFacts(told, before, { bytesOf, node: keeper }, place);
  const isOver = isEnded(state.status);
  const moved: LiveRecord = {
    ...record,
    state,
    revision: record.revision + 1,
    lease: isOver ? null : record.lease,
    clear_at: isOver ? (record.clear_at ?? now + clearAfterMs) : null,
  };
  const outcome = outcomeOf(moved, token);
  moved.receipts = remember(
    record.receipts,
    proposal,
    outcome,
    receiptsPerWorkflow,
    node === undefined ? undefined : now,
  );
  return { record: moved, outcome };
}

/** Where our own runner has it, or had it last, only that says: nobody else does by a save. */
function withNodeOf({ run, state: { node } }: LiveRecord, next: WorkflowState): WorkflowState {
  if (run === undefined || next.node === node) return next;
  const { node: _said, ...rest } = next;
  return (node === undefined ? rest : { ...rest, node }) as WorkflowState;
}

/** The command asks for what is so already: nothing has to be saved. */
export const unchanged = (record: WorkflowRecord, token?: number): Reduced => ({
  record,
  outcome: outcomeOf(record, token),
});

const outcomeOf = ({ workflow_id, epoch, revision }: WorkflowRecord, token?: number): Outcome => ({
  workflow_id,
  epoch,
  revision,
  token,
});
