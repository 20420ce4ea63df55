/** Records to start a test from. */
import type { LiveRecord } from "../../../server/state/store/record.js";
import type { WorkflowState } from "../../../shared/schema/workflow.js";

export const NOW = "2026-01-01T00:00:00.000Z";

export function stateOf(fields: Partial<WorkflowState> = {}): WorkflowState {
  return {
    workflow_id: "deploy",
    status: "running",
    current_step: 0,
    steps: [
      { action: "copy", status: "in_progress", index: 0 },
      { action: "switch", status: "pending", index: 1 },
    ],
    start_time: NOW,
    last_update: NOW,
    ...fields,
  };
}

export function recordOf(fields: Partial<LiveRecord> = {}): LiveRecord {
  const workflow_id = fields.workflow_id ?? "deploy";
  return {
    workflow_id,
    epoch: "e1",
    revision: 1,
    order: 1,
    state: stateOf({ workflow_id }),
    receipts: [],
    fence: 0,
    lease: null,
    clear_at: null,
    ...fields,
  };
}
