/** A problem of a definition as a line, apart from what reads definitions: who only shows it loads no YAML. */
import type { DefinitionProblem } from "../../../shared/wire/rest.js";

/** On one line: where it is, and what is wrong there. */
export function problemText({
  file,
  line,
  column,
  field,
  where,
  message,
}: DefinitionProblem): string {
  const place = line === null ? file : `${file}:${line}:${column}`;
  return [place, ...(field === null ? [] : [where ?? field]), message].join(": ");
}
