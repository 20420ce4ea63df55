/** An interrupted workflow of the server's own goes on. Pure. */
import { SyncError } from "../../../shared/errors.js";
import type { CommandOf } from "../../../shared/schema/command.js";
import type { WorkflowState } from "../../../shared/schema/workflow.js";
import type { LiveRecord } from "../store/record.js";
import { withDone } from "./markedDone.js";
import { withEnd } from "./settle.js";
import type { Prepared } from "./submission.js";
import { underLease, withLastSeen } from "./takingUp.js";

/** The interrupted one in the runner's hands, or waiting for them; with the step marked as done that somebody says is. */
export function resumed(
  record: LiveRecord,
  { done, by }: CommandOf<"resume">,
  prepared: Prepared | undefined,
  now: string,
): LiveRecord {
  const { status } = record.state;
  if (status === "blocked") {
    throw new SyncError("bad_message", "answer: is required, the workflow waits for one", {
      errors: [{ path: "answer", message: "is required" }],
    });
  }
  if (record.lease) {
    throw new SyncError("stale_driver", `"${record.lease.driver}" drives this workflow now`);
  }
  if (status !== "interrupted") {
    throw new SyncError("not_waiting", `it is ${status}; only an interrupted workflow is resumed`);
  }
  if (!prepared || record.run === undefined) {
    throw new SyncError(
      "not_resumable",
      "it was not started from a definition here; its own driver can claim it and go on",
    );
  }
  const known = withLastSeen(record.state, now);
  const steps = done === undefined ? known.steps : withDone(known, done, { by, now });
  // Who goes on does not want it stopped any more.
  const { stop_requested: _asked, ...rest } = record.state;
  const before = rest as WorkflowState;
  const state = withEnd({ ...before, status: "running", steps, last_update: now });
  return underLease({ ...record, state }, prepared, now);
}
