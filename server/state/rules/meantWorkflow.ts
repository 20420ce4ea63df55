/** The workflow that a command means: the one it names, a new one, or none. Pure. */
import { invalid, SyncError } from "../../../shared/errors.js";
import { CURRENT } from "../../../shared/names.js";
import type { Command } from "../../../shared/schema/command.js";
import type { Outcome } from "./outcome.js";
import type { Submission } from "./submission.js";

/** Whether a command makes a new workflow where it names none. */
export const isStart = (command: Command): boolean =>
  command.kind === "start" ||
  command.kind === "retry" ||
  (command.kind === "save" && !command.merge);

/** The id a command names; null where it leaves that to the server. The id in a `retry` is the old workflow's. */
export function namedIn(command: Command): string | null {
  if (command.kind === "retry") return null;
  const inState = command.kind === "save" ? command.state.workflow_id : undefined;
  const named = command.workflow_id === CURRENT ? undefined : command.workflow_id;
  if (inState === CURRENT) throw misnamed(`"${CURRENT}" is no workflow's own name`);
  if (inState !== undefined && named !== undefined && inState !== named) {
    throw misnamed(`is "${named}", but the state says "${inState}"`);
  }
  return named ?? inState ?? null;
}

const misnamed = (message: string): SyncError => invalid("workflow_id", message);

/** The outcome of a command that names no workflow while none is current. Throws SyncError for every command but `clear`. */
export function nothingThere({ command, expected }: Submission): Outcome {
  if (expected !== undefined && expected !== "none") {
    throw new SyncError("position_moved", "there is no current workflow", { at: null });
  }
  if (command.kind === "clear") return { workflow_id: null, epoch: null, revision: null };
  throw new SyncError("unknown_workflow", "there is no current workflow");
}
