/** The text of a definition that a command is given: a file, a pipe such as `<(generate)` or /dev/stdin, or standard input itself. */
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import type { Clock } from "../../../shared/clock.js";
import { pauseFor } from "../../../shared/pause.js";
import { textOf, UnusableFile } from "../../machine/regularFile.js";
import { errorCode } from "../../machine/systemErrors.js";
import { DEFINITION_BYTES } from "../../runner/definition/file/definitionError.js";

/** Without a byte for so long, nobody writes any more. */
const SILENCE_MS = 30_000;
const LOOK_AGAIN_MS = 20;

/** In place of a path. */
export const STDIN = "-";
const STDIN_FD = 0;

/** Throws UnusableFile, or what the system says. */
export async function readDefinitionText(path: string, clock: Clock): Promise<string> {
  if (path === STDIN) return textOf(await readToEnd(STDIN_FD, clock), DEFINITION_BYTES);
  // Without waiting in the system for who writes to a pipe: from there nothing could call us back.
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (fstatSync(fd).isDirectory()) throw new UnusableFile("is a folder, not a file");
    return textOf(await readToEnd(fd, clock), DEFINITION_BYTES);
  } finally {
    closeSync(fd);
  }
}

/** Why a file could not be looked at, as what follows its name. Throws what is a bug. */
export function whyUnreadable(error: unknown): string {
  if (error instanceof UnusableFile) return error.message;
  const code = errorCode(error);
  if (code === undefined) throw error;
  return code === "ENOENT" ? "there is no such file" : `cannot be read (${code})`;
}

/** At most one byte more than a definition may have. */
async function readToEnd(fd: number, clock: Clock): Promise<Buffer> {
  const bytes = Buffer.alloc(DEFINITION_BYTES + 1);
  // Ours is open already.
  const isPipe = fd !== STDIN_FD && fstatSync(fd).isFIFO();
  let filled = 0;
  let heard = clock.elapsed();
  while (filled < bytes.length) {
    const count = readNow(fd, bytes.subarray(filled));
    // A pipe that nobody has opened yet looks like one that is at its end.
    if (count === 0 && !(isPipe && filled === 0)) break;
    if (count) {
      filled += count;
      heard = clock.elapsed();
      continue;
    }
    if (clock.elapsed() - heard >= SILENCE_MS)
      throw new UnusableFile(`gave nothing for ${SILENCE_MS / 1_000} seconds`);
    await pauseFor(clock, LOOK_AGAIN_MS, NEVER);
  }
  return bytes.subarray(0, filled);
}

const NEVER = new AbortController().signal;

/** Null where nothing has come yet. */
function readNow(fd: number, into: Buffer): number | null {
  try {
    return readSync(fd, into);
  } catch (error) {
    if (errorCode(error) === "EAGAIN") return null;
    throw error;
  }
}
