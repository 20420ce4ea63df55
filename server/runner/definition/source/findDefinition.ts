/** The definition that somebody starts, or what is said where it is not there. */

import { SyncError } from "../../../../shared/errors.js";
import { counted } from "../../../../shared/text/counted.js";
import { hint } from "../../../../shared/text/nearest.js";
import { shortened } from "../../../../shared/text/shortened.js";
import type { WorkflowDefinition } from "../definition.js";
import { problemText } from "../problemText.js";
import type { Definitions } from "./definitions.js";

/** As much of a name as a refusal repeats. */
const MOST_NAME = 100;

/** Throws SyncError `unknown_definition` where there is none of that name that can be used. */
export async function findDefinition(
  name: string,
  offered: Pick<Definitions, "find" | "list">,
): Promise<WorkflowDefinition> {
  const found = await offered.find(name);
  if (found) return found;
  throw await unknownDefinition(name, offered);
}

/** As a refusal: what there is in place of it, or what is wrong with the file of that name. */
async function unknownDefinition(
  name: string,
  offered: Pick<Definitions, "list">,
): Promise<SyncError> {
  const { definitions, problems } = await offered.list();
  const names = definitions.map((definition) => definition.name);
  // As `instep run` would have it.
  const file = name.replace(/^.*\//s, "").replace(/\.ya?ml$/i, "");
  const isFile = names.includes(file);
  const own = problems.find(({ file }) => /^(.*)\.ya?ml$/i.exec(file)?.[1] === name);
  const others =
    problems.length === 0 ? "" : ` (${counted(problems.length, "problem")} in the files)`;
  const why = own
    ? `: its file cannot be used: ${problemText(own)}`
    : `; ${hint(isFile ? file : name, names)}${others}`;
  return new SyncError(
    "unknown_definition",
    `there is no definition "${shortened(name, MOST_NAME)}"${why}`,
  );
}
