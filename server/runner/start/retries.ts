/** The retries that there are of a workflow, as whoever asks for one more knows them. */
import { SyncError } from "../../../shared/errors.js";
import type { LiveRecord } from "../../state/store/record.js";
import type { Workflows } from "../../state/workflows.js";

/** Compare-and-set: a retry changes nothing of the old workflow, so its revision does not tell that somebody was quicker. */
export function checkRetries(
  { workflow_id, epoch, revision }: LiveRecord,
  known: number | undefined,
  workflows: Pick<Workflows, "all">,
): void {
  if (known === undefined) return;
  const retries = [...workflows.all()]
    .map(({ record }) => record)
    .filter(({ state }) => state.retried_from?.workflow_id === workflow_id)
    .sort((one, other) => other.order - one.order);
  if (retries.length <= known) return;
  throw new SyncError(
    "position_moved",
    `it was retried meanwhile: ${retries[0]!.workflow_id}, ${retries[0]!.state.status}`,
    { at: { epoch, revision } },
  );
}
