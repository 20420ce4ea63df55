/** A definition as it is kept beside a run: read once, and checked again by whoever takes it up. */
import type { WorkflowDefinition } from "../definition.js";
import { definitionOf, KeptDefinition } from "./definitionSchema.js";

/** A definition that was read from a file once, from what was kept of it. Null where it is none any more. */
export function definitionFromSource(
  source: unknown,
  origin: { readonly folder: string; readonly file?: string | undefined },
): WorkflowDefinition | null {
  // Only these two: a caller's record may have other parts of the same names.
  const { folder, file } = origin;
  const { data } = KeptDefinition.safeParse(source);
  return data ? definitionOf(data, { folder, file, source }) : null;
}
