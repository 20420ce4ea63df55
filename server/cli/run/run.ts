/** `instep run`: a definition of this machine, run by the same engine as in a server. */
import path from "node:path";
import { SyncError } from "../../../shared/errors.js";
import { makeFolders } from "../../machine/makeFolders.js";
import { UnusableFile } from "../../machine/regularFile.js";
import { errorCode } from "../../machine/systemErrors.js";
import { systemFiles } from "../../machine/systemFiles.js";
import type { WorkflowDefinition } from "../../runner/definition/definition.js";
import { DefinitionError, parseDefinition } from "../../runner/definition/file/definitionFile.js";
import { readServerSecrets } from "../../runner/secrets/serverSecrets.js";
import { planOf } from "../../runner/start/plan.js";
import { prepareStart } from "../../runner/start/preparing.js";
import { readDataDir } from "../../settings/config.js";
import { SettingError } from "../../settings/settingError.js";
import { givenServer, type ServerFlags } from "../connecting/connect.js";
import { connectLive } from "../connecting/connectLive.js";
import { givenTo, usualServer } from "../connecting/whichServer.js";
import { createDisplay } from "../display/display.js";
import { waysOutOfRun } from "../printed/waysOut.js";
import type { CliContext } from "../process/context.js";
import { CliError, ExitCode } from "../process/exitCodes.js";
import { readDefinitionText, whyUnreadable } from "../recipes/definitionSource.js";
import { asking } from "../refusals/asking.js";
import { fieldsText } from "../refusals/explained.js";
import { recipeMeant, recipesInside } from "../refusals/recipeFile.js";
import { spokenStart } from "../refusals/spoken.js";
import { switchedSteps } from "../refusals/steps.js";
import type { FolderSwitches } from "../serve/startServer.js";
import { type InputFlags, readInputs } from "../terminal/values.js";
import { jsonLine } from "../text/jsonLine.js";
import { type OwnServer, ownServer, withoutToken } from "./ownServer.js";
import { runHere, type Wanted } from "./runHere.js";
import { runInOwnServer } from "./runInOwnServer.js";

export interface RunFlags extends ServerFlags, InputFlags, FolderSwitches {
  readonly skip?: readonly string[];
  readonly enable?: readonly string[];
  readonly dataDir?: string;
  readonly port?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly dryRun?: boolean;
}

const DEADLINE_MS = 5_000;

export async function run(file: string, flags: RunFlags, context: CliContext): Promise<number> {
  // `concurrency` is ignored: other workflows, on a server or in another terminal, are not seen from here.
  const { concurrency, ...definition } = await readDefinition(file, context);
  const wanted = await readWanted(definition, flags, context);
  if (flags.dryRun) return showPlan(definition, wanted, flags, context);
  const dataDir = readDataDir(givenTo({ dataDir: flags.dataDir }, context));
  const named = namedServer(flags, context);
  const server = named === null ? await serverOfOwn(definition, flags, dataDir, context) : null;
  const url = server?.url ?? named!;
  const client = connectLive(url, flags, context);
  const display = await createDisplay({ ...flags, server: url }, context);
  const parts = { url, client, display };
  if (concurrency) display.note("Its concurrency does not hold for instep run.");
  try {
    if (server) return await runInOwnServer(definition, wanted, { ...parts, server }, context);
    await asking(url, () => client.rest.list({ limit: 1, deadlineMs: DEADLINE_MS }));
    const stateDir = path.join(dataDir, "private");
    await makeFolders(systemFiles, stateDir, 0o700);
    const env = withoutToken(context.env);
    return await runHere(definition, wanted, { ...parts, env, stateDir }, context);
  } finally {
    display.close();
    client.close();
    await server?.close();
  }
}

/** With the commands: whoever has the file may see them. */
async function showPlan(
  definition: WorkflowDefinition,
  { inputs, skip = [], enable = [] }: Wanted,
  { json }: RunFlags,
  { env, stdout }: CliContext,
): Promise<number> {
  const switches = { skip: [...skip], enable: [...enable] };
  const asked = {
    kind: "start",
    name: definition.name,
    inputs: { ...inputs },
    ...switches,
  } as const;
  const plan = planOf(definition, asked, withoutToken(env), { withCommands: true });
  const { planPage } = await import("../steering/planPage.js");
  stdout.write(json ? jsonLine(plan) : planPage(plan));
  return ExitCode.ok;
}

/** Throws CliError where they do not fit, before anything is started for them. */
async function readWanted(
  definition: WorkflowDefinition,
  flags: RunFlags,
  context: CliContext,
): Promise<Wanted> {
  const { name, steps } = definition;
  const wanted = {
    inputs: { ...(await readInputs(definition.inputs, flags, context)) },
    skip: switchedSteps("--skip", flags.skip ?? [], steps),
    enable: switchedSteps("--enable", flags.enable ?? [], steps),
  };
  try {
    prepareStart(definition, { kind: "start", name, ...wanted });
    await readServerSecrets(definition, context.env);
  } catch (error) {
    if (!(error instanceof SyncError)) throw error;
    const message = fieldsText(error, spokenStart(flags, definition));
    throw new CliError(ExitCode.usage, message, { cause: error });
  }
  return wanted;
}

async function readDefinition(
  file: string,
  { cwd, clock }: Pick<CliContext, "cwd" | "clock">,
): Promise<WorkflowDefinition> {
  let source: string;
  try {
    source = await readDefinitionText(path.resolve(cwd, file), clock);
  } catch (error) {
    throw new CliError(
      ExitCode.usage,
      `${file}: ${whyUnreadable(error)}${insteadOf(file, error, cwd)}`,
    );
  }
  try {
    return parseDefinition(source, file, path.dirname(path.resolve(cwd, file)));
  } catch (error) {
    if (error instanceof DefinitionError) throw new CliError(ExitCode.usage, error.message);
    throw error;
  }
}

function insteadOf(file: string, error: unknown, cwd: string): string {
  if (errorCode(error) === "ENOENT") return recipeMeant(file, cwd);
  const isFolder = error instanceof UnusableFile && error.message.includes("is a folder");
  return isFolder ? recipesInside(file, cwd) : "";
}

function serverOfOwn(
  definition: WorkflowDefinition,
  flags: RunFlags,
  dataDir: string,
  context: CliContext,
): Promise<OwnServer> {
  const { init, takeOver, port } = flags;
  const waysOut = waysOutOfRun({
    file: definition.file ?? "",
    hasInputs: Boolean(flags.input || flags.secret || flags.skip || flags.enable),
    dataDir,
    server: usualServer({}, context),
    context,
  });
  return ownServer({ dataDir, init, takeOver, port, definitions: [definition], waysOut }, context);
}

function namedServer(flags: RunFlags, context: CliContext): string | null {
  const own = flags.dataDir !== undefined ? "--data-dir" : flags.port && "--port";
  if (!own) return givenServer(flags, context);
  if (flags.server === undefined) return null; // A flag counts more than INSTEP_URL.
  throw new SettingError(`${own}: is for a server of its own, and --server names another`);
}
