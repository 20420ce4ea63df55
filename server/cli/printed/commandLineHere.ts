/** The way this program is called, for the command lines that the page prints: the page cannot know it. */

import { shellWord } from "../../../shared/text/shellWord.js";
import type { CommandLine } from "../../../shared/wire/rest.js";
import type { CliContext } from "../process/context.js";
import { firstExample } from "../process/packageFiles.js";
import { calledAs, fileAsTyped } from "./calledAs.js";

/** The reader's shell may stand anywhere: what holds in this folder only says so. */
export function commandLineHere(context: Pick<CliContext, "env" | "cwd" | "program">): CommandLine {
  const program = calledAs(context);
  const isOfFolder = program.startsWith("npx ");
  const file = firstExample();
  const example = file !== null && (isOfFolder ? fileAsTyped(file, context) : file);
  return {
    program,
    ...(example && { example: shellWord(example) }),
    folder: isOfFolder ? context.cwd : null,
  };
}
