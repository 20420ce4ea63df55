/** A workflow of one step that somebody reports to, and where its output is. */

export const STATE = {
  workflow_id: "deploy",
  status: "running",
  current_step: 0,
  steps: [{ action: "copy", status: "in_progress", index: 0 }],
};
export const STEP = "/workflow/state/steps/0";
export const LOG = `${STEP}/log?workflow_id=deploy`;
export const TEXT = { "Content-Type": "text/plain" };
