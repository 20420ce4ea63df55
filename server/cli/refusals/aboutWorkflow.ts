/** Refusals of commands that mean one workflow: each names it, and what to do next where there is one thing to do. */
import type { SyncError } from "../../../shared/errors.js";
import { WORKFLOW_STATUSES } from "../../../shared/statuses.js";
import type { Target } from "../connecting/target.js";
import { asSentence, ended } from "./sentences.js";

export type Verb = "cancel" | "resume" | "retry" | "answer" | "logs" | "open" | "watch";

/** Null leaves the words to the server. */
export function aboutWorkflow(
  verb: Verb,
  { subject, toName }: Pick<Target, "subject" | "toName">,
  refusal: SyncError,
): string | null {
  const it = subject === "current" ? "the current workflow" : subject;
  const asked = subjectIn(refusal.message, it);
  const sentences = (first: string, next = "") => {
    // An id stays as it is written, also at the beginning.
    const begun = first.startsWith(`${subject} `) ? ended(first) : asSentence(first);
    return next === "" ? begun : `${begun} ${ended(next)}`;
  };
  switch (refusal.code) {
    case "already_ended": {
      const status = STATUS.exec(refusal.message)?.[0];
      const how = status === undefined ? "" : ` (${status})`;
      if (verb === "resume")
        return sentences(
          `${it} has ended${how}; only an interrupted workflow is resumed`,
          `Run it again with ${call("retry", toName, status === "completed" ? " --from STEP" : "")}`,
        );
      return sentences(`${it} has ended already${how}: there is nothing to ${verb}`);
    }
    case "stale_driver":
      return verb === "resume"
        ? sentences(
            `${asked}, so there is nothing to resume`,
            `Follow it with ${call("watch", toName)}`,
          )
        : sentences(asked);
    case "not_waiting":
      return sentences(asked, verb === "retry" ? beforeRetry(refusal.message, toName) : "");
    case "bad_message":
      return verb === "resume" && refusal.errors[0]?.path === "answer"
        ? sentences(`${it} waits for an answer: ${call("answer", toName)}`)
        : null;
    case "already_answered":
      return `Not taken: ${refusal.message}.`;
    case "damaged":
      return sentences(asked, `Its page offers both: ${call("open", toName)}`);
    case "not_resumable":
    case "step_switched_off":
      return sentences(asked);
    default:
      return null;
  }
}

const STATUS = new RegExp(`\\b(?:${WORKFLOW_STATUSES.join("|")})\\b`);

function beforeRetry(message: string, toName: string): string {
  switch (STATUS.exec(message)?.[0]) {
    case "blocked":
      return `It waits for an answer: ${call("answer", toName)}`;
    case "interrupted":
      return `Go on with ${call("resume", toName)}, or end it with ${call("cancel", toName)}`;
    default:
      return `Follow it with ${call("watch", toName)}, or end it with ${call("cancel", toName)}`;
  }
}

/** The server knows which one is meant, and calls it "it" or "this workflow". */
const subjectIn = (message: string, it: string): string =>
  message.replace(/^it (is|was) /, `${it} $1 `).replace(/\bthis workflow\b/, it);

const call = (verb: string, toName: string, more = ""): string =>
  `\`instep ${verb} ${toName}${more}\``;
