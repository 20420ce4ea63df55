/** `instep run`: a driver on the command line. Reads a definition, runs its commands, reports every step. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { type DriveResult, drive, type InstepClient } from "../../client/index.js";
import { DEFAULTS } from "../../shared/limits.js";
import { type Flags, readDataDir, readFreePort, SettingError } from "../config.js";
import type { WorkflowDefinition } from "../runner/definition.js";
import { DefinitionError, parseDefinition } from "../runner/definitionFile.js";
import { cancelOnSignal } from "./cancelling.js";
import {
  asking,
  connect,
  explained,
  givenServer,
  type ServerFlags,
  workflowPage,
} from "./connect.js";
import type { CliContext } from "./context.js";
import { createDisplay, type Display } from "./display.js";
import { CliError, ExitCode } from "./exitCodes.js";
import { createLogger } from "./logger.js";
import { noteLostLinks } from "./lostLink.js";
import { likelyServer, startServer } from "./startServer.js";
import { createStepRunner } from "./stepRunner.js";
import { exitCodeOf } from "./watch.js";

export interface RunFlags extends ServerFlags {
  readonly dataDir?: string;
  readonly port?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

interface Place {
  readonly url: string;
  close(): Promise<void>;
}

const DEADLINE_MS = 5_000;
/** A page that follows gets its goodbye; nobody waits for one that does not answer. */
const DRAIN_MS = 1_000;

export async function run(file: string, flags: RunFlags, context: CliContext): Promise<number> {
  const definition = readDefinition(file, context.cwd);
  const place = await findPlace(flags, context);
  const client = connect(place.url, flags, context);
  const display = createDisplay(flags, context);
  try {
    await asking(place.url, () => client.rest.list({ limit: 1, deadlineMs: DEADLINE_MS }));
    const folder = path.dirname(path.resolve(context.cwd, file));
    return await driveHere(definition, folder, { place, client, display }, context);
  } finally {
    display.close();
    client.close();
    await place.close();
  }
}

function readDefinition(file: string, cwd: string): WorkflowDefinition {
  let source: string;
  try {
    source = readFileSync(path.resolve(cwd, file), "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CliError(ExitCode.usage, `${file}: cannot be read (${code})`);
  }
  try {
    return parseDefinition(source, file);
  } catch (error) {
    if (error instanceof DefinitionError) throw new CliError(ExitCode.usage, error.message);
    throw error;
  }
}

/** The server that was named, or one of our own on this machine. */
async function findPlace(flags: RunFlags, context: CliContext): Promise<Place> {
  const url = namedServer(flags, context);
  if (url !== null) return { url, close: async () => {} };
  const given: Flags = { dataDir: flags.dataDir };
  const settings = {
    dataDir: readDataDir(given, context.env, context.cwd),
    port: readFreePort(flags.port),
    host: DEFAULTS.host,
  };
  try {
    const server = await startServer(settings, createLogger("error", context), context);
    return { url: server.url, close: () => server.close(DRAIN_MS) };
  } catch (error) {
    if (!(error instanceof CliError) || error.exitCode !== ExitCode.locked) throw error;
    const hint = `Report to it: --server ${likelyServer(context.env)}; or use another folder: --data-dir.`;
    throw new CliError(ExitCode.locked, `${error.message} ${hint}`);
  }
}

function namedServer(flags: RunFlags, { env }: CliContext): string | null {
  const own = flags.dataDir !== undefined ? "--data-dir" : flags.port && "--port";
  if (!own) return givenServer(flags, env);
  if (flags.server === undefined) return null; // A flag counts more than INSTEP_URL.
  throw new SettingError(`${own}: is for a server of its own, and --server names another`);
}

interface Parts {
  readonly place: Place;
  readonly client: InstepClient;
  readonly display: Display;
}

async function driveHere(
  definition: WorkflowDefinition,
  folder: string,
  { place, client, display }: Parts,
  context: CliContext,
): Promise<number> {
  const changed = display.show;
  const runner = createStepRunner(definition, { client, folder, changed }, context);
  const cancel = cancelOnSignal(display, context);
  const stopNotes = noteLostLinks(client, display, "The steps go on and are reported later.");
  const { name, title, steps } = definition;
  const outline = {
    name,
    ...(title === undefined ? {} : { title }),
    steps: steps.map((step) => ({
      action: step.action,
      ...(step.title === undefined ? {} : { title: step.title }),
    })),
  };
  try {
    const driven = drive(client, outline, runner.handlers, {
      driver: `instep run (${context.hostname}, pid ${context.pid})`,
      signal: cancel.signal,
      onNoOutput: () => display.note("This server keeps no output; the steps go on without."),
      onStart: ({ workflow_id }) => {
        const page = workflowPage(place.url, workflow_id);
        display.note(`Follow it at ${page}`, { url: page });
        runner.started(workflow_id);
      },
    });
    const result = await Promise.race([driven, cancel.givenUp]);
    if (result === "given up") {
      driven.catch(() => {}); // Nobody listens any more, and the process ends.
      context.stderr.write("Ended before the server was told.\n");
      return cancel.exitCode();
    }
    runner.ended(result);
    return endOf(result, cancel.exitCode());
  } catch (error) {
    throw whyRefused(place.url, error);
  } finally {
    cancel.stop();
    stopNotes();
  }
}

/** A signal that came too late changes nothing: what ended otherwise ended otherwise. */
function endOf({ status }: DriveResult, cancelledCode: number): number {
  return status === "cancelled" ? cancelledCode : exitCodeOf(status);
}

function whyRefused(url: string, error: unknown): unknown {
  const { code } = error as { code?: unknown };
  if (code === "stale_driver") {
    return new CliError(
      ExitCode.cancelled,
      "Another driver took this workflow over; its steps were stopped here.",
    );
  }
  if (code === "unknown_workflow" || code === "already_ended") {
    return new CliError(
      ExitCode.cancelled,
      "The workflow was cleared or ended by somebody else; its steps were stopped here.",
    );
  }
  return explained(url, error);
}
