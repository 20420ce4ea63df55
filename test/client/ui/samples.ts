/** States, summaries and views to look at. */
import type { ConnectionView, Step, Summary, View, WorkflowState } from "../../../client/index.js";

export const NOW = Date.parse("2026-03-04T09:52:03Z");

export const LIVE: ConnectionView = {
  phase: "live",
  retryAt: null,
  why: null,
  problem: null,
  can: ["watch", "drive"],
  serverOffsetMs: 0,
  lastHeardAt: NOW,
  bootId: "boot",
  cannotSave: null,
  staleSince: null,
  user: null,
  node: null,
  isShared: false,
};

export const emptyView = (subject: string): View => ({
  subject,
  workflow_id: subject === "*" ? null : subject,
  phase: "loading",
  position: null,
  state: null,
  list: null,
  closed: null,
  problem: null,
  staleSince: null,
  asOf: null,
});

export const step = (index: number, part: Partial<Step> = {}): Step => ({
  index,
  action: `action-${index}`,
  status: "pending",
  ...part,
});

export const workflow = (part: Partial<WorkflowState> = {}): WorkflowState => ({
  workflow_id: "w1",
  title: "Nightly backup",
  status: "running",
  current_step: 1,
  steps: [
    step(0, {
      status: "completed",
      title: "Make a folder",
      started_at: "2026-03-04T09:50:00Z",
      finished_at: "2026-03-04T09:50:12Z",
    }),
    step(1, { status: "in_progress", title: "Copy", started_at: "2026-03-04T09:51:03Z" }),
    step(2, { title: "Verify" }),
  ],
  start_time: "2026-03-04T09:50:00Z",
  last_update: "2026-03-04T09:52:00Z",
  ...part,
});

/** Where a step's command runs, as its `data` has it. */
export const process = (part: object = {}) => ({
  machine: "box",
  pid: 4711,
  since: "2026-03-04T09:51:03.000Z",
  ...part,
});

export const summary = (part: Partial<Summary> = {}): Summary => ({
  active: true,
  workflow_id: "w1",
  status: "running",
  current_step: 1,
  total_steps: 3,
  progress_percent: 66.67,
  done: 0.333,
  start_time: "2026-03-04T09:50:00Z",
  last_update: "2026-03-04T09:52:00Z",
  epoch: "e1",
  name: null,
  title: "Nightly backup",
  end_time: null,
  step: "Copy",
  error_message: null,
  driver: null,
  last_seen: null,
  link_lost: null,
  queued: false,
  in_history: false,
  definition: null,
  by: null,
  inputs: {},
  retried_from: null,
  usual_ms: null,
  ...part,
});
