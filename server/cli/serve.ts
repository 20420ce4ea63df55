/** `instep serve`: the server as a process, until a signal ends it. */
import { shellWord } from "../../shared/shellWord.js";
import { readServeSettings, type ServeSettings } from "../config.js";
import type { Flags } from "../resolveSettings.js";
import { isLoopback } from "../settingValues.js";
import { givenTo } from "./config/whichServer.js";
import type { CliContext, EndSignal } from "./context.js";
import { addressToGoTo } from "./defaultServer.js";
import { onEndSignal } from "./endSignals.js";
import { firstExample } from "./examples.js";
import { ExitCode } from "./exitCodes.js";
import { createLogger } from "./logger.js";
import { commandLine, fileAsTyped } from "./printed/calledAs.js";
import { type FolderSwitches, startServer } from "./startServer.js";
import { followTokenFile } from "./tokenFile.js";

/** Peers may take this long to say goodbye. */
const DRAIN_MS = 4_000;
/** Then the process ends, whatever is not closed yet: five seconds is what the strictest service managers wait. */
const LONGEST_CLOSE_MS = 4_800;

export async function serve(
  flags: Flags,
  context: CliContext,
  switches: FolderSwitches = {},
): Promise<number> {
  const settings = readServeSettings(givenTo(flags, context));
  // What is served outlives whoever reads what we say of it.
  for (const output of [context.stdout, context.stderr]) output.outliveReader();
  const log = createLogger(settings.logLevel, context);
  // From here on a signal must not leave a locked folder behind, so we listen before anything starts.
  const signals = signalQueue(context);
  let stopFollowing = () => {};
  try {
    const server = await startServer({ ...settings, ...switches }, log, context);
    const { tokenFile, host } = settings;
    if (tokenFile !== null)
      stopFollowing = followTokenFile(tokenFile, { clock: context.clock, log }, server.setTokens);
    if (!isLoopback(host))
      log.warn(
        { host },
        "tokens and states travel unencrypted: put a proxy with TLS in front, and name its host with --allow-host",
      );
    context.stdout.write(greeting(server.url, settings, context));
    log.info({ url: server.url, dataDir: settings.dataDir }, "started");

    const first = await signals.next();
    log.info({ signal: first }, "stopping");
    const closed = server.close(DRAIN_MS).then(() => ExitCode.ok);
    const again = signals.next().then((signal) => 128 + SIGNAL_NUMBERS[signal]);
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

/** Signals one after the other, none lost between two awaits. */
function signalQueue(context: CliContext) {
  const waiting: EndSignal[] = [];
  let wake = () => {};
  const stop = onEndSignal(context, (signal) => {
    waiting.push(signal);
    wake();
  });
  return {
    stop,
    async next(): Promise<EndSignal> {
      while (waiting.length === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      return waiting.shift()!;
    },
  };
}

function tooLate({ clock }: Pick<CliContext, "clock">) {
  let cancel = () => {};
  const reached = new Promise<number>((resolve) => {
    cancel = clock.after(LONGEST_CLOSE_MS, () => resolve(ExitCode.failed));
  });
  return { reached, cancel };
}

/** What a person needs next, and nothing else: each command works as it stands, in the shell that started this. */
function greeting(
  address: string,
  { dataDir, tokenFile, workflowsDir }: ServeSettings,
  context: CliContext,
): string {
  const url = addressToGoTo(address);
  const sample = {
    title: "Hello",
    steps: [{ action: "greet", status: "in_progress" }, { action: "leave" }],
  };
  const token = tokenFile === null ? "" : ' -H "Authorization: Bearer $INSTEP_TOKEN"';
  const example = firstExample();
  const rows = [
    ["Page", `${url}/`],
    ["Data", dataDir],
    ["Definitions", workflowsDir],
    ...(context.config ? [["Settings", context.config.path]] : []),
    ...(tokenFile === null ? [] : [["Token", tokenLine(tokenFile)]]),
    [
      "Try it",
      `curl -X POST ${shellWord(`${url}/workflow/state`)} -H 'Content-Type: application/json'${token} -d '${JSON.stringify(sample)}'`,
    ],
    ...(example === null
      ? []
      : [["Example", commandLine(context, "run", fileAsTyped(example, context), "--server", url)]]),
  ];
  const shown = rows.map(([name = "", text]) => `  ${name.padEnd(11)}  ${text}\n`);
  return `Instep is running. Ctrl-C stops it.\n\n${shown.join("")}\n`;
}

/** Puts the first token that may drive where the lines below it find one. */
const tokenLine = (file: string): string =>
  `export INSTEP_TOKEN="$(sed -n 's/^[[:space:]]*drive[[:space:]]*\\([^[:space:]]*\\).*/\\1/p' ${shellWord(file)} | head -n 1)"`;
