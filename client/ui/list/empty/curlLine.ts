/** The first things a newcomer can type: lines that start a workflow on this very server. */
import type { DefinitionsAnswer } from "../../../index.js";

/** Plain JSON without quotes inside, so that single quotes hold it in every POSIX shell. */
const BODY = {
  title: "Hello from curl",
  current_step: 1,
  steps: [
    { action: "prepare", status: "completed" },
    { action: "copy", status: "in_progress", progress: 0.4 },
    { action: "verify" },
  ],
};

export function curlLine(mount: URL, hasToken: boolean): string {
  const token = hasToken ? ` -H "Authorization: Bearer $INSTEP_TOKEN"` : "";
  const address = new URL("workflow/state", mount).href;
  return `curl -X POST '${address}'${token} -H 'Content-Type: application/json' -d '${JSON.stringify(BODY)}'`;
}

/** The command line for an example, as the server says that it is called there; null where it says nothing. With a token the command reads INSTEP_TOKEN by itself. */
export function runLine(mount: URL, { command_line }: DefinitionsAnswer): string | null {
  if (command_line?.example === undefined) return null;
  const { program, example } = command_line;
  return `${program} run ${example} --server '${mount.href.replace(/\/$/, "")}'`;
}
