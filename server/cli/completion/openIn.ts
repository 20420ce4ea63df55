/** The open workflows of a data folder, read from its files: a server need not be there. */
import { readdir } from "node:fs/promises";
import path from "node:path";
import { isRecord } from "../../../shared/json/patch.js";
import { LIMITS } from "../../../shared/limits.js";
import { isWorkflowId } from "../../../shared/names.js";
import { OPEN_STATUSES } from "../../../shared/statuses.js";
import { readText } from "../../machine/regularFile.js";
import { readDataDir } from "../../settings/config.js";
import { givenTo } from "../connecting/whichServer.js";
import type { CliContext } from "../process/context.js";
import type { Candidate } from "./offers.js";
import type { Position } from "./position.js";

const MOST_READ = 100;
/** A record is a state with a little beside it. */
const MOST_BYTES = 2 * LIMITS.stateBytes;

/** Rejects where there is no such folder. A file that cannot be read is left out. */
export async function openIn({ values }: Position, context: CliContext): Promise<Candidate[]> {
  const dataDir = values.get("--data-dir")?.at(-1);
  const folder = path.join(readDataDir(givenTo({ dataDir }, context)), "workflows");
  const names = (await readdir(folder)).filter((name) => name.endsWith(".json"));
  const read = names.slice(0, MOST_READ).map((name) => candidateIn(path.join(folder, name)));
  return (await Promise.all(read)).flat();
}

async function candidateIn(file: string): Promise<Candidate[]> {
  try {
    const { record } = JSON.parse(await readText(file, MOST_BYTES)) as Record<string, unknown>;
    const { workflow_id, state } = isRecord(record) ? record : {};
    if (typeof workflow_id !== "string" || !isWorkflowId(workflow_id) || !isRecord(state))
      return [];
    const { status, title, name } = state;
    if (!OPEN_STATUSES.some((open) => open === status)) return [];
    const about = [status, title ?? name].filter((part) => typeof part === "string");
    return [{ value: workflow_id, about: about.join(" · ") }];
  } catch {
    return [];
  }
}
