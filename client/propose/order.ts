/** The order of proposals: one that was refused for now is not overtaken by what was proposed after it for the same workflow. */
import type { ProposeMessage } from "../../shared/schema/clientMessages.js";
import type { Command } from "../../shared/schema/command.js";

interface Proposed {
  readonly message: ProposeMessage;
}

/** Whether one of `refused` stands before it in `all`, which is in the order of the proposals, and means the same workflow. */
export function isBehind<One extends Proposed>(
  refused: ReadonlySet<One>,
  all: Iterable<One>,
  one: One,
): boolean {
  if (refused.size === 0) return false;
  const meant = workflowOf(one.message.command);
  for (const before of all) {
    if (before === one) return false;
    if (refused.has(before) && workflowOf(before.message.command) === meant) return true;
  }
  return false;
}

/** Undefined where the server chooses: the current workflow, or a new one. */
function workflowOf(command: Command): string | undefined {
  if (command.kind === "save") return command.workflow_id ?? command.state.workflow_id;
  return "workflow_id" in command ? command.workflow_id : undefined;
}
