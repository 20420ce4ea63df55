/** Remembers what somebody has put away. An interruption is put away on the server, so that all tabs agree; the rest, and where only watching is allowed, for this tab. */
import type { StateMerge, WorkflowState } from "../../index.js";
import { commandObstacle } from "./inStep.js";
import type { Page } from "./page.js";

const KEY = "instep.dismissed";
const DEADLINE_MS = 10_000;

/** The same workflow in another situation is told again, and so is another restart. */
export function wasDismissed(memory: Storage, state: WorkflowState): boolean {
  const { interruption, dismissed_interruption } = state;
  if (interruption && dismissed_interruption === interruption.at) return true;
  return memory.getItem(KEY) === situationKey(state);
}

/** An interruption that could not be put away for all is put away for this tab. */
export async function dismiss(page: Page, state: WorkflowState): Promise<void> {
  const { client, connection, memory } = page;
  const { workflow_id, interruption } = state;
  if (interruption && commandObstacle(connection.value) === null) {
    const part: StateMerge = { dismissed_interruption: interruption.at };
    try {
      await client.rest.merge(part, { workflow_id, deadlineMs: DEADLINE_MS });
      return;
    } catch {
      // It moved on, is gone, or may only be watched: this tab at least has seen it.
    }
  }
  memory.setItem(KEY, situationKey(state));
  page.showFound(null);
}

const situationKey = ({ workflow_id, start_time, status, interruption }: WorkflowState): string =>
  [workflow_id, start_time, status, interruption?.at ?? ""].join(" ");
