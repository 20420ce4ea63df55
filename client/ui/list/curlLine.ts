/** The first things a newcomer can type: lines that start a workflow on this very server. */

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

/** With a token the command line reads INSTEP_TOKEN by itself. */
export const commandLine = (mount: URL): string =>
  `npx instep run examples/backup.yaml --server '${mount.href.replace(/\/$/, "")}'`;
