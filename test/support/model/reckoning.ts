/** The state that workflows must have by the answers that their writers got. */
import type { Ack } from "./insistentWriters.js";

/** The values that a workflow's writers had set at each revision, and the revisions that they were told. */
export function replay(acks: readonly Ack[], id: string) {
  const inOrder = acks.filter((ack) => ack.workflow_id === id);
  inOrder.sort((one, other) => one.revision - other.revision);
  const fields: Record<string, number> = {};
  const at = new Map<number, Record<string, number>>([[1, {}]]);
  for (const { revision, writer, count } of inOrder) {
    fields[writer] = count;
    at.set(revision, { ...fields });
  }
  return { at, revisions: inOrder.map(({ revision }) => revision) };
}

/** As much of a state as these writers set. */
export const writtenBy = (writers: readonly string[], state: unknown) =>
  Object.fromEntries(Object.entries(state ?? {}).filter(([key]) => writers.includes(key)));
