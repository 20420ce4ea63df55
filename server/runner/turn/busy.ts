/** The refusal of a workflow that does not want to wait for its group. Pure. */
import { SyncError } from "../../../shared/errors.js";
import type { Concurrency, Queued } from "../../../shared/schema/workflow.js";
import type { Group } from "./groups.js";

/** The person who is refused needs the workflow that runs, not the one that waits before theirs. */
export function busyIn(
  groups: ReadonlyMap<string, Group>,
  concurrency: Concurrency,
  { behind }: Pick<Queued, "behind">,
): SyncError {
  return busy(concurrency, groups.get(concurrency.group)?.holders.at(-1)?.workflow_id ?? behind);
}

function busy({ group, limit }: Concurrency, holder: string | undefined): SyncError {
  const who = holder === undefined ? "another one" : `"${holder}"`;
  const many = limit === 1 ? "one runs" : `${limit} run`;
  return new SyncError(
    "group_busy",
    `${who} is not over yet, and of "${group}" only ${many} at a time`,
  );
}
