/** `instep serve`: the server as a process, until a signal ends it. */
import { type Flags, isLoopback, readServeSettings, type ServeSettings } from "../config.js";
import type { CliContext, EndSignal } from "./context.js";
import { onEndSignal } from "./endSignals.js";
import { ExitCode } from "./exitCodes.js";
import { createLogger } from "./logger.js";
import { addressToGoTo, type FolderSwitches, startServer } from "./startServer.js";
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
  const settings = readServeSettings(flags, context.env, context.cwd);
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
    context.stdout.write(greeting(server.url, settings));
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

/** What a person needs next, and nothing else. */
function greeting(address: string, { dataDir, tokens, workflowsDir }: ServeSettings): string {
  const url = addressToGoTo(address);
  const sample = {
    title: "Hello",
    steps: [{ action: "greet", status: "in_progress" }, { action: "leave" }],
  };
  const token = tokens.length === 0 ? "" : ' -H "Authorization: Bearer $INSTEP_TOKEN"';
  const curl = `curl -X POST ${url}/workflow/state -H 'Content-Type: application/json'${token} -d '${JSON.stringify(sample)}'`;
  return `Instep is running. Ctrl-C stops it.

  Page         ${url}/
  Data         ${dataDir}
  Definitions  ${workflowsDir}
  Try it       ${curl}
  Example      npx instep run examples/backup.yaml --server ${url}

`;
}
