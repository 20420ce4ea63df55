/** Starts a server of our own, and says clearly why where it cannot be. `serve` and `run` share it. */
import { UnsafeFolder } from "../../machine/disk.js";
import { errorCode } from "../../machine/systemErrors.js";
import type { WorkflowDefinition } from "../../runner/definition/definition.js";
import { commandEnvironment } from "../../runner/variables/environment.js";
import {
  type AccessToken,
  createInstep,
  DataDirLocked,
  type Instep,
  type InstepOptions,
  type Log,
  type OnStop,
  StoreMissing,
  UnknownFormat,
} from "../../server.js";
import type { ServeSettings } from "../../settings/config.js";
import { addressAt, bracketed } from "../../settings/defaultServer.js";
import type { Environment } from "../../settings/variables.js";
import { MoveUnfinished } from "../../state/store/moveMark.js";
import { commandLineHere } from "../printed/commandLineHere.js";
import type { WaysOut } from "../printed/waysOut.js";
import type { CliContext } from "../process/context.js";
import { CliError, ExitCode } from "../process/exitCodes.js";
import { examplesDir } from "../process/packageFiles.js";
import { stateHome } from "../process/stateHome.js";

export interface StartedServer {
  readonly url: string;
  /** Makes durable what was accepted, says goodbye to the watchers, gives the folder back. */
  close(drainMs: number, commands: OnStop): Promise<void>;
  /** See `atWork` of Instep. */
  readonly atWork: Instep["atWork"];
  /** See `untilTold` of Instep. */
  readonly untilTold: Instep["untilTold"];
  /** See `setTokens` of Instep. */
  readonly setTokens: (tokens: readonly AccessToken[]) => void;
  /** See `definitions` of Instep. */
  readonly definitions: Instep["definitions"];
}

/** The switches on the data folder that a person gives for one start. */
export interface FolderSwitches {
  /** See `init` of createInstep. */
  readonly init?: boolean | undefined;
  /** See `takeOver` of createInstep. */
  readonly takeOver?: boolean | undefined;
}

type Settings = Pick<ServeSettings, "dataDir" | "port" | "host"> &
  Partial<ServeSettings> &
  FolderSwitches & {
    readonly waysOut?: WaysOut;
    readonly definitions?: readonly WorkflowDefinition[];
    readonly onDefinitionProblems?: NonNullable<InstepOptions["onDefinitionProblems"]>;
    /** The environment that commands find, in place of a login's. */
    readonly commandEnv?: Environment;
  };

export async function startServer(
  {
    dataDir,
    port,
    host,
    basePath = "",
    logLevel: _,
    tokenFile: __,
    onStop: ___,
    passEnv,
    commandEnv,
    offersExamples,
    waysOut,
    init,
    takeOver,
    cluster,
    tokens = [],
    ...options
  }: Settings,
  log: Log,
  context: Pick<
    CliContext,
    "clock" | "env" | "cwd" | "program" | "home" | "onExit" | "signalGroup"
  >,
): Promise<StartedServer> {
  const { clock, env, onExit, signalGroup } = context;
  const examples = examplesDir();
  const instep = await createInstep({
    dataDir,
    basePath,
    clock,
    log,
    onExit,
    signalGroup,
    env: commandEnv ?? commandEnvironment(env, passEnv),
    secretEnv: env,
    // Known before the first command of a workflow that goes on by itself runs.
    ...(port === 0 ? {} : { url: addressAt(host, port, basePath) }),
    ...(offersExamples && examples !== null && { examplesDir: examples }),
    commandLine: commandLineHere(context),
    ...(takeOver && { takeOver }),
    ...(init !== undefined && { init }),
    ...(cluster && { cluster }),
    // Without a file there are none, and it listens on this machine alone; one without a token in it is refused.
    ...(tokens.length > 0 && { tokens }),
    ...stateHome(context),
    ...options,
  }).catch((error) => {
    throw explainFolder(error, dataDir, waysOut);
  });
  try {
    const { url } = await instep.listen({ port, host });
    const { setTokens, definitions, atWork, untilTold } = instep;
    return {
      ...{ url, setTokens, definitions, atWork, untilTold },
      close: (drainMs, commands) => instep.close({ drainMs, commands }),
    };
  } catch (error) {
    // Commands that it took up a moment ago have nothing to do with its port.
    await instep.close({ drainMs: 0, commands: "keep" });
    throw explainPort(error, port, host, waysOut);
  }
}

const withLines = (sentence: string, lines: readonly string[] = []): string =>
  [sentence, ...lines.map((line) => `  ${line}`)].join("\n");

function explainFolder(error: unknown, dataDir: string, waysOut?: WaysOut): unknown {
  const isSaid = [StoreMissing, UnknownFormat, MoveUnfinished].some((one) => error instanceof one);
  if (error instanceof Error && (isSaid || isSaidLater(error)))
    return new CliError(ExitCode.failed, error.message);
  if (error instanceof DataDirLocked)
    return new CliError(ExitCode.locked, withLines(error.message, waysOut?.locked()));
  if (error instanceof UnsafeFolder) {
    return new CliError(ExitCode.failed, `The data folder cannot be used: ${error.message}.`);
  }
  const code = errorCode(error);
  if (code === undefined) return error;
  if (code === "EMFILE" || code === "ENFILE") {
    return new CliError(
      ExitCode.failed,
      `The data folder ${dataDir} cannot be read: this process may not open enough files (${code}). Raise the limit, e.g. with ulimit -n 1024.`,
    );
  }
  const { path: file, syscall } = error as NodeJS.ErrnoException;
  const at = file === undefined || file === dataDir ? "" : ` at ${file}`;
  const word = syscall === undefined ? code : `${code}, ${syscall}`;
  return new CliError(ExitCode.failed, `The data folder ${dataDir} cannot be used (${word})${at}.`);
}

/** By their names: their classes are loaded only where they can be thrown. */
const isSaidLater = (error: unknown): error is Error =>
  error instanceof Error &&
  ["StoreUnreachable", "ClusterRefused", "PackageMissing"].includes(error.name);

function explainPort(error: unknown, port: number, host: string, waysOut?: WaysOut): unknown {
  const { code, address = host } = error as NodeJS.ErrnoException & { readonly address?: string };
  const at = `${bracketed(address)}:${port}`;
  switch (code) {
    case "EADDRINUSE":
      return new CliError(
        ExitCode.failed,
        withLines(
          `Another program already listens on ${at}. Choose another port with --port; 0 takes a free one.`,
          waysOut?.portTaken(),
        ),
      );
    case "EACCES":
      return new CliError(ExitCode.failed, `Listening on ${at} is not allowed for this user.`);
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return new CliError(ExitCode.failed, `${host} is no address of this machine.`);
    default:
      return error;
  }
}
