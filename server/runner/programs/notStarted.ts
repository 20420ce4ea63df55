/** Why a command could not even be begun: its folder, or more text than Linux hands to a program. */
import { statSync } from "node:fs";
import { quoted } from "./programProblem.js";

interface NotStarted {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** MAX_ARG_STRLEN of Linux: of one argument, and of one `NAME=value`, with the NUL behind it. */
const MOST_BYTES = 131_072;

/** `error` is what the system said. */
export function whyNotStarted({ argv, cwd, env }: NotStarted, error: string): string {
  const problem = folderProblem(cwd);
  if (problem !== null) return problem;
  if (!error.includes("E2BIG")) return error.includes("EACCES") ? unreachable(cwd) : error;
  const argument = argv.findIndex((one) => Buffer.byteLength(one) >= MOST_BYTES);
  const name = Object.keys(env).find(
    (one) => Buffer.byteLength(`${one}=${env[one] ?? ""}`) >= MOST_BYTES,
  );
  const most = `more than the ${MOST_BYTES - 1} bytes that one may have`;
  if (argument !== -1) return `argument ${argument} of ${quoted(argv[0]!)} is too long, ${most}`;
  if (name !== undefined) return `the variable ${name} is too long, ${most}`;
  return "its arguments and variables are more than Linux hands to a program, in all";
}

function folderProblem(cwd: string): string | null {
  try {
    return statSync(cwd).isDirectory() ? null : `${cwd} is no folder`;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const isMissing = code === "ENOENT" || code === "ENOTDIR";
    return isMissing ? `there is no folder ${cwd}` : `the folder ${cwd} cannot be used (${code})`;
  }
}

const unreachable = (cwd: string): string => `the folder ${cwd} may not be entered by this user`;
