/** The problems of a definition file and the bound of its size, for everybody who reads no YAML of their own. */
import type { DefinitionProblem } from "../../../../shared/wire/rest.js";
import { problemText } from "../problemText.js";

/** Bytes of one file. */
export const DEFINITION_BYTES = 256 * 1024;

/** One line a problem: `file:line:column: field: what is wrong`. */
export class DefinitionError extends Error {
  override readonly name = "DefinitionError";
  readonly problems: readonly DefinitionProblem[];

  constructor(problems: readonly DefinitionProblem[]) {
    super(problems.map(problemText).join("\n"));
    this.problems = problems;
  }
}
