/** Finds out what was wrong with a command's programs and scripts, where its exit code and the shell's words do not tell. */
import path from "node:path";
import { ENDS_IN_C, SHELLS } from "../definition/scriptCall.js";
import { hasWindowsEnds, programProblem, quoted, type Surroundings } from "./programProblem.js";

export interface StartedCommand extends Surroundings {
  readonly argv: readonly string[];
}

export interface CommandProblem {
  readonly words: string;
  /** The printed line says less than this; otherwise both are told. */
  readonly saysAll: boolean;
}

const NOT_EXECUTABLE = 126;
const NOT_FOUND = 127;
/** `/bin/sh: 3: ./deploy.sh: not found`, `bash: line 3: …`: whose line it is, and what that named. */
const SAID_BY_SHELL = /^([^\s:]+): (?:line )?\d+: (?:exec: )?([^:]+)(?:: |$)/;

/** Null where nothing more can be told. `printed` is the line that looks like its error. */
export function commandProblem(
  { argv, cwd, env }: StartedCommand,
  exitCode: number | null,
  printed: string | null,
): CommandProblem | null {
  const [program = "", ...args] = argv;
  const place = { cwd, env };
  const [, speaker = "", named = ""] = SAID_BY_SHELL.exec(printed ?? "") ?? [];
  if (exitCode === NOT_EXECUTABLE || exitCode === NOT_FOUND) {
    const own = programProblem(program, place);
    if (own) return { words: own.words, saysAll: true };
    const inner = named === "" ? null : programProblem(named, place);
    if (inner && !inner.isMissing) return { words: inner.words, saysAll: true };
  }
  const script = SHELLS.test(path.basename(program)) ? scriptIn(args) : program;
  for (const one of [script, speaker]) {
    if (!one || !hasWindowsEnds(path.resolve(cwd, one))) continue;
    const words = `${quoted(one)} has Windows line ends (CRLF), which a shell takes for a part of each line`;
    return { words, saysAll: false };
  }
  return null;
}

/** Whether it is a program that gives 255 where its connection failed. */
export const isSsh = ([program = ""]: readonly string[]): boolean =>
  /^(?:ssh|scp|sftp)$/.test(path.basename(program));

/** The file that a shell is told to run: its first word that is no option, unless the command itself is given. */
function scriptIn(args: readonly string[]): string | undefined {
  if (args.some((word) => ENDS_IN_C.test(word))) return undefined;
  return args.find((word) => !/^[-+]/.test(word));
}
