/** Tells the log of files that are no definitions: each in a line, of very many the first. */

import { counted } from "../../../../shared/text/counted.js";
import type { DefinitionProblem } from "../../../../shared/wire/rest.js";
import type { Log } from "../../../log/log.js";

const MOST_LINES = 20;

export function logProblems(log: Pick<Log, "warn">, problems: readonly DefinitionProblem[]): void {
  for (const { message, ...place } of problems.slice(0, MOST_LINES)) {
    log.warn(place, `not a definition: ${message}`);
  }
  const left = problems.length - MOST_LINES;
  if (left > 0) log.warn({ left }, `${counted(left, "more problem")} in the definitions`);
}
