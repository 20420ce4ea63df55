/** Why the system does not run a program: the file is looked at after it was tried, as the shell's own words are the same for many causes. */
import { accessSync, closeSync, constants, lstatSync, openSync, readSync, statSync } from "node:fs";
import path from "node:path";
import { shortened } from "../../../shared/text/shortened.js";
import { elfHead, ownMachine } from "./elf.js";

export interface Surroundings {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface ProgramProblem {
  /** A whole sentence without its end: `./deploy.sh is not executable (chmod +x makes it so)`. */
  readonly words: string;
  /** It is not there at all: whoever tried has said so as well. */
  readonly isMissing: boolean;
}

/** The kernel looks at no more of a first line. */
const LINE_BYTES = 256;
const HEAD_BYTES = 8_192;
const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const MOST_WORDS = 120;

/** Null where nothing is wrong with it, or nothing can be told. `name` is as it was called: a path, or to be looked up in PATH. */
export function programProblem(name: string, place: Surroundings): ProgramProblem | null {
  try {
    return problemOf(name, place);
  } catch {
    return null; // It changed while it was looked at.
  }
}

function problemOf(name: string, place: Surroundings): ProgramProblem | null {
  const shown = quoted(name);
  if (name === "") return missing("the name of its program is empty");
  const file = name.includes("/") ? path.resolve(place.cwd, name) : inPath(name, place);
  if (file === null) {
    const isBeside = isFile(path.resolve(place.cwd, name));
    const beside = isBeside ? `; the one in the step's folder is ${quoted(`./${name}`)}` : "";
    return missing(`there is no program ${shown} in ${shownPath(place)}${beside}`);
  }
  return fileProblem(file, shown, place);
}

/** Where a name is found in PATH, as a shell finds it; null where it is not. */
export function inPath(name: string, { cwd, env }: Surroundings): string | null {
  const files = pathOf(env)
    .split(":")
    .map((folder) => path.resolve(cwd, folder, name))
    .filter(isFile);
  return files.find(isExecutable) ?? files[0] ?? null;
}

/** Whether a script was saved by an editor of Windows: each of its lines ends with a sign that Unix takes for a part of the line. */
export function hasWindowsEnds(file: string): boolean {
  const head = isFile(file) ? headOf(file, HEAD_BYTES) : null;
  const first = head?.indexOf("\n") ?? -1;
  return head !== null && first > 0 && head[first - 1] === 0x0d && !head.includes(0);
}

function fileProblem(file: string, shown: string, place: Surroundings): ProgramProblem | null {
  const missingFile = whyMissing(file, shown);
  if (missingFile !== null) return missing(missingFile);
  const stat = statSync(file);
  if (stat.isDirectory()) return wrong(`${shown} is a folder`);
  if (!stat.isFile()) return wrong(`${shown} is no regular file`);
  if (!isExecutable(file)) {
    return wrong(
      (stat.mode & 0o111) === 0
        ? `${shown} is not executable (chmod +x makes it so)`
        : `${shown} may not be executed by this user, or nothing on its disk may (noexec)`,
    );
  }
  const head = headOf(file, HEAD_BYTES);
  if (head === null || head.length === 0) return null;
  if (head.toString("latin1", 0, 2) === "#!") return interpreterProblem(head, shown, place);
  return formatProblem(head, shown);
}

function interpreterProblem(
  head: Buffer,
  shown: string,
  place: Surroundings,
): ProgramProblem | null {
  const [line = ""] = head.toString("utf8", 2, LINE_BYTES).split("\n");
  const asked = line.trim();
  if (line.endsWith("\r"))
    return wrong(
      `${shown} has Windows line ends (CRLF): its interpreter ${quoted(`${asked}\r`)} is not there`,
    );
  const [, interpreter = "", argument = ""] = /^(\S*)\s*(.*)$/.exec(asked) ?? [];
  if (interpreter === "") return null;
  const says = `the first line of ${shown} asks for ${quoted(interpreter)}`;
  const file = path.resolve(place.cwd, interpreter);
  if (!isFile(file)) return wrong(`${says}, which is not there`);
  if (!isExecutable(file)) return wrong(`${says}, which is not executable`);
  if (path.basename(interpreter) !== "env" || argument === "") return null;
  const isSplit = argument.startsWith("-S");
  const words = argument.replace(/^-S\s*/, "").split(/\s+/);
  const named = words.find((word) => !word.startsWith("-") && !word.includes("="));
  if (named === undefined) return null;
  // The system hands on all that stands behind `env` as one word.
  if (!isSplit && words.length > 1)
    return wrong(
      `the first line of ${shown} gives env one name, ${quoted(argument)}: write #!${interpreter} -S ${argument}`,
    );
  const found = named.includes("/") ? isFile(path.resolve(place.cwd, named)) : inPath(named, place);
  if (found) return null;
  return wrong(
    `the first line of ${shown} asks for ${quoted(named)}, which is not in ${shownPath(place)}`,
  );
}

function formatProblem(head: Buffer, shown: string): ProgramProblem | null {
  const elf = elfHead(head);
  const own = ownMachine(process.arch);
  if (
    elf &&
    own !== undefined &&
    elf.machine !== own &&
    !(own === "x86_64" && elf.machine === "i386")
  )
    return wrong(`${shown} is a program for ${elf.machine}, and this machine is ${own}`);
  if (elf?.loader && !isFile(elf.loader))
    return wrong(
      `${shown} needs ${quoted(elf.loader)}, which is not there: it was built for another system`,
    );
  if (elf) return null;
  if (head.toString("latin1", 0, 2) === "MZ") return wrong(`${shown} is a program for Windows`);
  if (head.length >= 4 && MAC.has(head.readUInt32BE(0)))
    return wrong(`${shown} is a program for macOS`);
  if (head.toString("utf8", 0, 5) === "\uFEFF#!")
    return wrong(`${shown} begins with a byte order mark, so that its first line does not count`);
  if (head.subarray(0, LINE_BYTES).includes(0))
    return wrong(`${shown} is no program that this machine can run`);
  return null;
}

const MAC: ReadonlySet<number> = new Set([0xfeedface, 0xfeedfacf, 0xcefaedfe, 0xcffaedfe]);

/** Null where there is something of that name. */
function whyMissing(file: string, shown: string): string | null {
  try {
    statSync(file);
    return null;
  } catch (error) {
    const isLink = lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
    if (isLink) return `${shown} is a link to what is not there`;
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return `there is no file ${shown}`;
    return `${shown} cannot be looked at (${code})`;
  }
}

const missing = (words: string): ProgramProblem => ({ words, isMissing: true });
const wrong = (words: string): ProgramProblem => ({ words, isMissing: false });

const pathOf = ({ PATH }: Surroundings["env"]): string => PATH ?? DEFAULT_PATH;

const shownPath = ({ env }: Surroundings): string => `PATH=${shortened(pathOf(env), MOST_WORDS)}`;

/** In quotes where it would not stand alone as one word; what nobody sees is written out. */
export function quoted(name: string): string {
  const short = shortened(name, MOST_WORDS);
  return /^[\p{L}\p{N}_./+:@~…-]+$/u.test(short) ? short : JSON.stringify(short);
}

function isFile(file: string): boolean {
  try {
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Null where it cannot be read. It is a regular file: nothing waits. */
function headOf(file: string, bytes: number): Buffer | null {
  let handle: number;
  try {
    handle = openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch {
    return null;
  }
  try {
    const buffer = Buffer.alloc(bytes);
    return buffer.subarray(0, readSync(handle, buffer, 0, bytes, 0));
  } catch {
    return null;
  } finally {
    closeSync(handle);
  }
}
