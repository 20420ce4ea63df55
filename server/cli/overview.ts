/** `instep` alone: what one does with it first, and whether a server is there. */
import { readConfig } from "./config/findConfig.js";
import { connect, serverFor } from "./connecting/connect.js";
import { staleNote } from "./display/staleness.js";
import { asCalled, helpAsCalled } from "./printed/calledAs.js";
import type { CliContext } from "./process/context.js";
import { CliError, ExitCode } from "./process/exitCodes.js";
import { asking } from "./refusals/asking.js";
import { examples } from "./verbs/sharedOptions.js";

/** Nobody waits longer for a line beside what was asked for. */
const DEADLINE_MS = 1_500;

/** Exit code 0, also where no server answers: nothing was asked of one. Throws SettingError where `instep.yaml` cannot be used. */
export async function overview(context: CliContext): Promise<number> {
  const commands = examples(
    ["instep serve", "a server with its page"],
    ["instep definitions", "what can be started on it"],
    ["instep start <name> -f", "start one, and watch it"],
    ["instep run <file.yaml>", "run the steps of a file here"],
    ["instep list", "what runs, and what ran"],
    ["instep logs current -f", "what is printed right now"],
    ["instep open", "the page, in the browser"],
    ["instep --help", "everything else"],
  ).replace(/^\nExamples:\n/, "");
  context.stdout.write(helpAsCalled(`${commands}\n`, context));
  const config = await readConfig({}, context);
  context.stdout.write(asCalled(`${await serverLine({ ...context, config })}\n`, context));
  return ExitCode.ok;
}

async function serverLine(context: CliContext): Promise<string> {
  const url = serverFor({}, context);
  const client = connect(url, {}, context);
  try {
    const { workflows, next } = await asking(url, () =>
      client.rest.list({ status: ["running", "blocked"], limit: 100, deadlineMs: DEADLINE_MS }),
    );
    const count = `${workflows.length}${next === null ? "" : " or more"}`;
    const open = workflows.length === 1 ? "1 workflow is" : `${count} workflows are`;
    const note = staleNote(client.connection.staleSince, context.clock);
    const words = `A server answers at ${url}: ${workflows.length === 0 ? "nothing is" : open} running.`;
    return note ? `${words} ${note.message}` : words;
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return error.message;
  } finally {
    client.close();
  }
}
