/** Reads which workflow a command means, and on which server: from an id, "current", or the address of a page. */
import { CURRENT, isWorkflowId } from "../../../shared/names.js";
import { shellWord } from "../../../shared/text/shellWord.js";
import { SettingError } from "../../settings/settingError.js";
import type { CliContext } from "../process/context.js";
import { parseWorkflowPage, type ServerFlags, serverFor } from "./connect.js";
import { workflowToName } from "./nameToOthers.js";

export interface Target {
  readonly url: string;
  /** An id, or "current". */
  readonly subject: string;
  /** How another command of this program is to name it, as a word of a shell. */
  readonly toName: string;
  /** For a command: missing where the current one is meant. */
  readonly named: { readonly workflow_id?: string };
}

/** The same where no workflow has to be named: `subject` is null where none is. */
export function serverOrTarget(
  given: string | undefined,
  flags: ServerFlags,
  context: CliContext,
): { readonly url: string; readonly subject: string | null } {
  if (given !== undefined) return targetOf(given, flags, context);
  return { url: serverFor(flags, context), subject: null };
}

export function targetOf(given: string, flags: ServerFlags, context: CliContext): Target {
  const page = parseWorkflowPage(given);
  const subject = page?.workflow_id ?? given;
  if (!isWorkflowId(subject)) {
    throw new SettingError(`"${subject}" is no workflow's id; \`instep list\` shows them`);
  }
  const server = flags.server ?? page?.server;
  const url = serverFor({ ...flags, server }, context);
  return {
    url,
    subject,
    toName: shellWord(workflowToName(url, subject, context)),
    named: subject === CURRENT ? {} : { workflow_id: subject },
  };
}
