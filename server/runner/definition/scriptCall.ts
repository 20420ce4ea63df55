/** How the script of a step reaches the program that runs it: as a part of its arguments, or as the path of a file. Pure. */
import path from "node:path";
import { shellWord } from "../../../shared/text/shellWord.js";

/** `sh` and `bash` with the options that stop at the first failure; otherwise a program with its arguments, taken as they are. */
export type Shell = "sh" | "bash" | readonly string[];

/** The program and arguments that are started for a script. */
export interface ScriptCall {
  readonly argv: readonly string[];
  /** The text of a file that has to be written first: its path takes the place of `{{file}}` in `argv`. */
  readonly scriptFile?: string | undefined;
}

const SCRIPT = "{{script}}";
export const FILE = "{{file}}";

/** Linux takes 131,071 bytes for one argument; a character has at most three for each of its UTF-16 units. */
const MOST_CHARACTERS = 40_000;
const POSIX = /^(?:ba|da|a|k|mk|z)?sh$/;
/** Programs that take scripts of a shell, by their names. */
export const SHELLS = /^(?:ba|da|a|k|mk|z|fi)?sh$/;
/** The option behind which a program takes its script as text. */
const TEXT_OPTIONS: readonly (readonly [RegExp, string])[] = [
  [SHELLS, "-c"],
  [/^python[\d.]*$/, "-c"],
  [/^(?:node|nodejs|bun)$/, "-e"],
  [/^(?:perl|ruby|lua)[\d.]*$/, "-e"],
  [/^php[\d.]*$/, "-r"],
  [/^Rscript$/, "-e"],
  [/^pwsh$/, "-Command"],
];
/** Options whose last one takes the script. */
export const ENDS_IN_C = /^-[a-z]*c$/;

/** A step's script: its first failure is the step's. */
export function scriptCall(script: string, shell: Shell = "sh"): ScriptCall {
  if (shell === "sh") return called(["/bin/sh", "-e", "-c"], script);
  if (shell === "bash") return called(["bash", "-eo", "pipefail", "-c"], script);
  return called(shell, script);
}

/** A script that answers yes or no by its last command's exit code: a failure before that is no answer. */
export function questionCall(script: string, shell: Shell = "sh"): ScriptCall {
  if (shell === "sh") return called(["/bin/sh", "-c"], script);
  return called(shell === "bash" ? ["bash", "-c"] : shell, script);
}

/** Programs that run somewhere else, where no file of this machine is. */
const ELSEWHERE = /^(?:ssh|docker|podman|nerdctl|kubectl)$/;

/** Why a list cannot be a shell, in words; null where it can. */
export function shellProblem(shell: readonly string[]): string | null {
  const [program = ""] = shell;
  if (program === "") return "must name a program";
  const foreign = shell.find((word) => word.includes("{0}"));
  if (foreign !== undefined)
    return `write "${foreign.replaceAll("{0}", FILE)}" for the script's file`;
  if (shell.some(isPlaced) || ENDS_IN_C.test(shell.at(-1)!)) return null;
  const name = path.basename(program);
  if (!ELSEWHERE.test(name)) return null;
  return `${name} runs it elsewhere, where no file of this machine is: end the list with the shell there, [${name}, …, sh, -ec]`;
}

const isPlaced = (word: string): boolean => word.includes(SCRIPT) || word.includes(FILE);

function called(shell: readonly string[], script: string): ScriptCall {
  if (shell.some(isPlaced)) {
    const argv = shell.map((word, at) => {
      const isWord = word === SCRIPT && shell[at - 1]!.startsWith("-");
      if (isSsh(shell) && isWord) return shellWord(script);
      return word.replaceAll(SCRIPT, () => script);
    });
    return shell.some((word) => word.includes(FILE)) ? { argv, scriptFile: script } : { argv };
  }
  const name = path.basename(shell[0]!);
  const option = TEXT_OPTIONS.find(([names]) => names.test(name))?.[1];
  const isGiven = ENDS_IN_C.test(shell.at(-1)!) || shell.at(-1) === option;
  if (option === undefined && !isGiven) return inFile(shell, script);
  const words = isGiven || option === undefined ? shell : [...shell, option];
  if (isSsh(shell)) return { argv: [...words, shellWord(script)] };
  if (script.length <= MOST_CHARACTERS) return { argv: [...words, script] };
  if (POSIX.test(name)) return { argv: [...words, ...inParts(script, shell[0]!)] };
  if (option === undefined) return { argv: [...words, script] };
  return inFile(isGiven ? shell.slice(0, -1) : shell, script);
}

/** It hands on its words as one text, which the other machine's shell takes apart again. */
const isSsh = ([program = ""]: readonly string[]): boolean => path.basename(program) === "ssh";

const inFile = (shell: readonly string[], script: string): ScriptCall => ({
  argv: [...shell, FILE],
  scriptFile: script,
});

/** A script that is too long for one argument: the shell joins the parts, and forgets them before it begins. */
function inParts(script: string, program: string): readonly string[] {
  const parts: string[] = [];
  for (let from = 0; from < script.length; ) {
    const isCutInPair = /^[\ud800-\udbff]$/.test(script[from + MOST_CHARACTERS - 1] ?? "");
    const to = from + MOST_CHARACTERS - (isCutInPair ? 1 : 0);
    parts.push(script.slice(from, to));
    from = to;
  }
  const all = parts.map((_part, index) => `\${${index + 1}}`).join("");
  return [`eval "set --; ${all}"`, program, ...parts];
}
