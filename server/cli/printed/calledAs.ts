/** How a person calls this very program in the shell they sit at: every line that is printed for copying begins with it. */
import { existsSync, realpathSync } from "node:fs";
import path from "node:path";
import { shellWord } from "../../../shared/text/shellWord.js";
import type { CliContext } from "../process/context.js";

type CallingProcess = Pick<CliContext, "env" | "cwd" | "program">;

/** In the built package, from its root. */
const MAIN = path.join("dist", "server", "main.js");

/**
 * `instep` where the PATH leads to this program, `npx instep` where the folder has it (an install, or its own clone), else Node with the
 * whole path of its file. Quoted as far as a shell needs it.
 */
export function calledAs({ env, cwd, program }: CallingProcess): string {
  if (program === undefined) return "instep";
  const main = realPath(program.main);
  const search = searchPath(env);
  if (main !== null && firstIn(search, "instep") === main) return "instep";
  if (
    main !== null &&
    firstIn(search, "npx") !== null &&
    shellFolders({ env, cwd }).every((folder) => isInFolder(folder, main))
  ) {
    return "npx instep";
  }
  const isUsualNode = firstIn(search, "node") === realPath(program.node);
  return `${isUsualNode ? "node" : shellWord(program.node)} ${shellWord(main ?? program.main)}`;
}

/** A file as it is typed in that shell: relative where it lies in the folder, whole otherwise. Not quoted. */
export function fileAsTyped(file: string, place: Pick<CallingProcess, "env" | "cwd">): string {
  const folders = shellFolders(place);
  const relative = path.relative(place.cwd, file);
  return folders.length > 1 || relative.startsWith("..") ? file : relative;
}

/** A whole command line of this program, to be pasted as it is. */
export function commandLine(place: CallingProcess, ...words: readonly string[]): string {
  return [calledAs(place), ...words.map(shellWord)].join(" ");
}

/** A text in which commands stand as `instep list`, or as lines of a help: with this program's name as it is called here. */
export function asCalled(text: string, place: CallingProcess): string {
  if (!COMMAND.test(text)) return text;
  const name = calledAs(place);
  return text.replaceAll(COMMANDS, (_, before: string) => `${before}${name}`);
}

/** A help is read, not pasted: a whole path before each of its lines would hide what it shows. */
export function helpAsCalled(text: string, place: CallingProcess): string {
  return COMMAND.test(text) && !calledAs(place).includes("/") ? asCalled(text, place) : text;
}

const COMMAND = /(^ {2}|`)instep(?= [a-z-]|`)/m;
const COMMANDS = new RegExp(COMMAND.source, "gm");

/** Where the person's shell may stand: npm runs a package's scripts in the package's folder, from wherever it was called. */
function shellFolders({ env, cwd }: Pick<CallingProcess, "env" | "cwd">): readonly string[] {
  const called = env.INIT_CWD;
  return called === undefined || called === cwd || !path.isAbsolute(called) ? [cwd] : [cwd, called];
}

/** Whether `npx instep`, said there, runs this program: npx asks the package that the folder is in, then what is installed upwards. */
function isInFolder(cwd: string, main: string): boolean {
  const above = upwards(cwd);
  const nearest = above.find(isPackageFolder);
  // Its own program, as its package.json names it. That of a package around it is none: only what is installed there counts.
  if (nearest !== undefined && realPath(path.join(nearest, MAIN)) === main) return true;
  for (const folder of above) {
    const modules = path.join(folder, "node_modules");
    const command = path.join(modules, ".bin", "instep");
    if (!existsSync(command)) continue;
    // A link, also to a clone's own build; of pnpm, or on Windows, a file that starts the package beside it.
    return [command, path.join(modules, "instep", MAIN)].some((file) => realPath(file) === main);
  }
  return false;
}

const isPackageFolder = (folder: string): boolean =>
  ["package.json", "node_modules"].some((name) => existsSync(path.join(folder, name)));

/** The folder and all that it is in. */
function upwards(folder: string): readonly string[] {
  const above = path.dirname(folder);
  return above === folder ? [folder] : [folder, ...upwards(above)];
}

/** Variables that npm, pnpm, Yarn and bun set for what they run, and `node --run` for a script. */
const SIGNS_OF_RUNNERS = [
  "npm_execpath",
  "npm_lifecycle_event",
  "npm_config_user_agent",
  "NODE_RUN_SCRIPT_NAME",
];

/** The folders a shell of this user looks in: without those that npm and its like add for what they run. */
function searchPath(env: CallingProcess["env"]): readonly string[] {
  const folders = (env.PATH ?? "")
    .split(path.delimiter)
    .filter((folder) => path.isAbsolute(folder));
  const isFromRunner = SIGNS_OF_RUNNERS.some((name) => env[name] !== undefined);
  return isFromRunner ? folders.filter((folder) => !isAddedByRunner(folder)) : folders;
}

const isAddedByRunner = (folder: string): boolean =>
  /[/\\]node_modules[/\\]\.bin[/\\]?$|[/\\]node-gyp-bin[/\\]?$/.test(folder);

/** Where a command leads to; null where no folder has it. */
function firstIn(folders: readonly string[], name: string): string | null {
  for (const folder of folders) {
    const found = realPath(path.join(folder, name));
    if (found !== null) return found;
  }
  return null;
}

function realPath(file: string): string | null {
  try {
    return realpathSync(file);
  } catch {
    return null;
  }
}
