/** The function that both doors give their commands to. */
import type { Outcome } from "../../state/rules/outcome.js";
import type { Submission } from "../../state/rules/submission.js";

/** Resolves once the command's effect is durable and announced; rejects with SyncError where it was refused. */
export type Receive = (submission: Submission) => Promise<Outcome>;
