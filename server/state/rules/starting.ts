/** A workflow starts: by a driver's whole save, or from a definition in the server's own hands. Pure. */
import { SyncError } from "../../../shared/errors.js";
import type { CommandOf } from "../../../shared/schema/command.js";
import type { WorkflowState } from "../../../shared/schema/workflow.js";
import { isSameMoment } from "../../../shared/text/time.js";
import { isLive, type LiveRecord } from "../store/record.js";
import { advanced } from "./advance.js";
import { answeredAsKnown } from "./answering.js";
import { type Records, type ReduceContext, type Reduced, timeOf } from "./outcome.js";
import { settleWhole } from "./settle.js";
import { hasEnded } from "./standing.js";
import type { Submission, SubmissionOf } from "./submission.js";
import { underLease } from "./takingUp.js";

/** Throws SyncError where the save is a late one of a workflow that is over, and not a new workflow of the same id. */
export function startedBySave(
  records: Records,
  { state: input }: CommandOf<"save"> & { readonly merge?: false | undefined },
  submission: Submission,
  context: ReduceContext,
): Reduced {
  if (submission.token !== undefined) {
    throw new SyncError("stale_driver", "the workflow this driver reports on was cleared");
  }
  const past = records.ended?.state;
  const { start_time } = input;
  if (start_time && past && isSameMoment(past.start_time, start_time)) throw hasEnded(past);
  const sent = settleWhole(input, records.workflow_id, null, timeOf(context));
  const state = saidAsKnown(sent, null, submission);
  return advanced(newRecord(records, state, context), state, submission, context);
}

/** A driver who is known by name says of nobody else that they started the workflow, or answered it. */
export const saidAsKnown = (
  state: WorkflowState,
  before: WorkflowState | null,
  submission: Pick<Submission, "user">,
): WorkflowState => answeredAsKnown(startedAsKnown(state, before, submission), before, submission);

function startedAsKnown(
  state: WorkflowState,
  before: WorkflowState | null,
  { user }: Pick<Submission, "user">,
): WorkflowState {
  if (user === undefined) return state;
  const started_by = before === null ? user : before.started_by;
  if (state.started_by === started_by) return state;
  const { started_by: _said, ...rest } = state;
  return (started_by === undefined ? rest : { ...rest, started_by }) as WorkflowState;
}

/** The runner has checked and prepared it. Throws SyncError `id_in_use` where the id is taken. */
export function startedHere(
  records: Records,
  submission: SubmissionOf<"start" | "retry">,
  context: ReduceContext,
): Reduced {
  if (isLive(records.open)) {
    throw new SyncError("id_in_use", `there is a workflow "${records.workflow_id}" already`);
  }
  const { state: input, serverFields, run, labels, turnNow } = submission.prepared ?? {};
  if (!input || !run) throw new Error(`${submission.command.kind} was not prepared`);
  const now = timeOf(context);
  const settled = { ...settleWhole(input, records.workflow_id, null, now), ...serverFields };
  const wanted = labels && { labels: [...labels] };
  const record = { ...newRecord(records, settled, context), run, ...wanted };
  const { lease = null, behind } = turnNow?.() ?? submission.prepared ?? {};
  const held = underLease(record, { lease, behind }, now);
  return advanced(held, held.state, submission, context);
}

function newRecord(
  { workflow_id, open, ended }: Records,
  state: WorkflowState,
  { epoch, opening, node }: ReduceContext,
): LiveRecord {
  if ("tooMany" in opening) {
    throw new SyncError("too_many", `no more than ${opening.tooMany} can be open at once`);
  }
  return {
    workflow_id,
    epoch,
    revision: 0,
    order: opening.order,
    state,
    // A late repetition of a command to the epoch before must still be recognised.
    receipts: (open ?? ended)?.receipts ?? [],
    fence: (open ?? ended)?.fence ?? 0,
    lease: null,
    clear_at: null,
    ...(node === undefined ? {} : { home: node }),
  };
}
