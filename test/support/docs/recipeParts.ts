/** A yaml block as Instep's own parser takes it: a whole recipe, or what a reader writes into one. */
import { parseDefinition } from "../../../server/runner/definition/file/definitionFile.js";

const A_STEP = 'steps:\n  - { action: only, run: "true" }\n';

/** Throws what the parser says. */
export function parseRecipe(text: string, place: string): void {
  parseDefinition(whole(text), `${place}.yaml`);
}

function whole(text: string): string {
  const has = (key: string) => new RegExp(`^${key}:`, "m").test(text);
  if (/^- /m.test(text)) return `name: part\nsteps:\n${text}\n`;
  if (has("action")) return `name: part\nsteps:\n  - ${text.trim().replaceAll("\n", "\n    ")}\n`;
  const name = has("name") ? "" : "name: part\n";
  return `${name}${text}\n${has("steps") ? "" : A_STEP}`;
}
