/** `instep run --take-up`: goes on with a workflow whose `instep run`, or server, is gone, in a server of our own on the same folder. */
import { CURRENT, isWorkflowId } from "../../../shared/names.js";
import { isEnded } from "../../../shared/statuses.js";
import { readDataDir } from "../../settings/config.js";
import { SettingError } from "../../settings/settingError.js";
import { parseWorkflowPage } from "../connecting/connect.js";
import { connectLive } from "../connecting/connectLive.js";
import { givenTo, usualServer } from "../connecting/whichServer.js";
import { createDisplay } from "../display/display.js";
import { waysOutOfTakeUp } from "../printed/waysOut.js";
import type { CliContext } from "../process/context.js";
import { CliError, ExitCode } from "../process/exitCodes.js";
import { asking } from "../refusals/asking.js";
import { noSuchWorkflow } from "../refusals/askingOf.js";
import { exitCodeOf } from "../steering/watch.js";
import { followOwn, type OwnServerParts } from "./followOwn.js";
import { ownServer } from "./ownServer.js";
import type { RunFlags } from "./run.js";

const DEADLINE_MS = 5_000;

/** Options of a start: what goes on was started with its own. */
const OF_A_START = ["input", "secret", "skip", "enable", "dryRun", "init"] as const;

/** `given`: an id, "current", or the address of a page, as `run` printed it. */
export async function takeUp(given: string, flags: RunFlags, context: CliContext): Promise<number> {
  for (const name of OF_A_START) {
    if (flags[name] === undefined) continue;
    const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    throw new SettingError(`${flag}: is for a start, and --take-up goes on with what was started`);
  }
  if (flags.server !== undefined)
    throw new SettingError(
      "--server: a workflow of another server is driven there; --take-up is for a data folder here",
    );
  const subject = parseWorkflowPage(given)?.workflow_id ?? given;
  if (!isWorkflowId(subject)) throw new SettingError(`--take-up: "${subject}" is no workflow's id`);
  const dataDir = readDataDir(givenTo({ dataDir: flags.dataDir }, context));
  const place = usualServer({}, context);
  const settings = {
    ...{ dataDir, takeOver: flags.takeOver, port: flags.port },
    // Where no store is, nothing can be taken up.
    init: false,
    waysOut: waysOutOfTakeUp({ id: subject, server: place, context }),
  };
  const server = await ownServer(settings, context);
  const { url } = server;
  const client = connectLive(url, {}, context);
  const display = await createDisplay({ ...flags, server: url }, context);
  try {
    return await goOn(subject, dataDir, { url, client, display, server }, context);
  } finally {
    display.close();
    client.close();
    await server.close();
  }
}

async function goOn(
  subject: string,
  dataDir: string,
  parts: OwnServerParts,
  context: CliContext,
): Promise<number> {
  const { url, client, display, server } = parts;
  const id = subject === CURRENT ? undefined : subject;
  const loaded = await asking(url, () => client.rest.load(id, { deadlineMs: DEADLINE_MS }));
  if (!loaded) {
    const { message } = await noSuchWorkflow({ subject, client });
    throw new CliError(ExitCode.failed, `${message} The folder is ${dataDir}.`);
  }
  const { workflow_id, status, definition } = loaded.state;
  if (isEnded(status)) {
    display.show(loaded.state);
    display.note("It had ended already: there was nothing to take up.");
    await server.untilTold(workflow_id);
    return exitCodeOf(status);
  }
  if (definition === undefined)
    throw new CliError(
      ExitCode.failed,
      `${workflow_id} was started by a driver of its own, which alone can go on with it: only what \`instep run\` or a server started is taken up.`,
    );
  return followOwn(workflow_id, parts, context);
}
