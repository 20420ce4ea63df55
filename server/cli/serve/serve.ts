/** `instep serve`: the server as a process, until a signal ends it. */

import { logProblems } from "../../runner/definition/source/definitionProblems.js";
import type { DefinitionProblem } from "../../server.js";
import { readServeSettings, type ServeSettings } from "../../settings/config.js";
import { addressToGoTo } from "../../settings/defaultServer.js";
import type { Flags } from "../../settings/resolveSettings.js";
import { isLoopback } from "../../settings/settingValues.js";
import { followTokenFile } from "../../settings/tokenFile.js";
import { givenTo } from "../connecting/whichServer.js";
import { waysOutOfServe } from "../printed/waysOut.js";
import type { CliContext, EndSignal } from "../process/context.js";
import { ExitCode } from "../process/exitCodes.js";
import { signalQueue } from "../process/signalQueue.js";
import { jsonLine } from "../text/jsonLine.js";
import { commandsAtStop } from "./commandsAtStop.js";
import { greeting } from "./greeting.js";
import { createLogger } from "./logger.js";
import { type FolderSwitches, startServer } from "./startServer.js";

/** Peers may take this long to say goodbye. */
const DRAIN_MS = 4_000;
/** Then the process ends, whatever is not closed yet: five seconds is what the strictest service managers wait. */
const LONGEST_CLOSE_MS = 4_800;

export interface ServeSwitches extends FolderSwitches {
  /** For a program that started it: where it listens in one object, and the log as JSON in a terminal, too. */
  readonly json?: boolean | undefined;
}

export async function serve(
  flags: Flags,
  context: CliContext,
  { json = false, ...switches }: ServeSwitches = {},
): Promise<number> {
  const settings = readServeSettings(givenTo(flags, context));
  // The server goes on when the reader of its output is gone.
  for (const output of [context.stdout, context.stderr]) output.outliveReader();
  const log = createLogger(settings.logLevel, context, json);
  // From here on a signal must not leave a locked folder behind, so we listen before anything starts.
  const signals = signalQueue(context);
  let stopFollowing = () => {};
  try {
    // Where both are looked at by the same person, the greeting says it.
    const isSaidTwice = !json && context.stdout.isTTY && context.stderr.isTTY;
    let isGreeted = false;
    const onDefinitionProblems = (problems: readonly DefinitionProblem[]) => {
      if (isGreeted || !isSaidTwice) logProblems(log, problems);
    };
    const server = await startServer(
      {
        ...{ ...settings, ...switches, onDefinitionProblems },
        waysOut: waysOutOfServe(flags, settings, context),
      },
      log,
      context,
    );
    const { tokenFile, host } = settings;
    if (tokenFile !== null)
      stopFollowing = followTokenFile(tokenFile, { clock: context.clock, log }, server.setTokens);
    if (!isLoopback(host))
      log.warn(
        { host },
        "tokens and states travel unencrypted: put a proxy with TLS in front, and name its host with --allow-host",
      );
    const url = addressToGoTo(server.url);
    const defined = await server.definitions();
    context.stdout.write(
      json ? listening(url, settings, context) : greeting({ url, settings, defined }, context),
    );
    isGreeted = true;
    context.started?.();
    log[isSaidTwice ? "debug" : "info"]({ url: server.url, dataDir: settings.dataDir }, "started");

    const first = (await signals.next())!;
    const atWork = server.atWork();
    const { onStop } = settings;
    const stopping = { first, onStop, atWork, signals, mayAsk: !json };
    const commands = await commandsAtStop(stopping, context);
    log.info({ signal: first, ...(atWork.length > 0 && { commands }) }, "stopping");
    const closed = server.close(DRAIN_MS, commands).then(() => ExitCode.ok);
    const again = signals.next().then((signal) => 128 + SIGNAL_NUMBERS[signal!]);
    const late = tooLate(context);
    const code = await Promise.race([closed, again, late.reached]);
    late.cancel();
    log.info({}, code === ExitCode.ok ? "stopped" : "stopped before everything was closed");
    return code;
  } finally {
    stopFollowing();
    signals.stop();
  }
}

const SIGNAL_NUMBERS: Readonly<Record<EndSignal, number>> = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 };

function tooLate({ clock }: Pick<CliContext, "clock">) {
  let cancel = () => {};
  const reached = new Promise<number>((resolve) => {
    cancel = clock.after(LONGEST_CLOSE_MS, () => resolve(ExitCode.failed));
  });
  return { reached, cancel };
}

function listening(
  url: string,
  { dataDir, workflowsDir }: ServeSettings,
  { pid }: CliContext,
): string {
  return jsonLine({ type: "listening", url: `${url}/`, pid, dataDir, workflowsDir });
}
