/** From a workflow id to a file name: an id is never a path. */
import { hash } from "node:crypto";

const READABLE_LENGTH = 48;
const HASH_LENGTH = 24;

/** The names that were asked for last: each report of a step asks for one, and a hash has its price. */
const known = new Map<string, string>();
const MOST_KNOWN = 1_024;

/**
 * A name that two ids never share, on disks that fold case too: a readable part for people, and a hash of the whole id. Made of
 * lower-case letters, digits and `. _ -` only, and never one of the names that Windows keeps for devices.
 */
export function fileNameOf(workflow_id: string): string {
  let name = known.get(workflow_id);
  if (name === undefined) {
    name = newNameOf(workflow_id);
    if (known.size >= MOST_KNOWN) known.clear();
    known.set(workflow_id, name);
  }
  return name;
}

function newNameOf(workflow_id: string): string {
  const readable = workflow_id
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]/g, "_")
    .slice(0, READABLE_LENGTH);
  return `${readable}-${hash("sha256", workflow_id).slice(0, HASH_LENGTH)}`;
}
