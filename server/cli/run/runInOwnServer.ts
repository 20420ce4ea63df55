/** `instep run` without a server: one of our own, which runs the definition and goes when it has ended. */
import type { WorkflowDefinition } from "../../runner/definition/definition.js";
import type { CliContext } from "../process/context.js";
import { asking } from "../refusals/asking.js";
import { followOwn, type OwnServerParts } from "./followOwn.js";
import type { Wanted } from "./runHere.js";

export async function runInOwnServer(
  { name }: Pick<WorkflowDefinition, "name">,
  { inputs, skip, enable }: Wanted,
  parts: OwnServerParts,
  context: CliContext,
): Promise<number> {
  const { workflow_id } = await asking(parts.url, () =>
    parts.client.rest.run({
      kind: "start",
      name,
      inputs: { ...inputs },
      ...(skip && { skip: [...skip] }),
      ...(enable && { enable: [...enable] }),
      by: `instep run (${context.hostname})`,
    }),
  );
  return followOwn(workflow_id, parts, context);
}
