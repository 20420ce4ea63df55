/** Workflows in every situation the page can be asked to show. */

const START = "2026-03-04T09:14:00Z";
const at = (minutes: number) => new Date(Date.parse(START) + minutes * 60_000).toISOString();
const done = (action: string, from: number, until: number) => ({
  action,
  status: "completed",
  started_at: at(from),
  finished_at: at(until),
});

export const SITUATIONS: Readonly<Record<string, object>> = {
  running: {
    title: "Nightly backup",
    current_step: 1,
    steps: [
      { ...done("packages", 0, 12), completion_note: "214 packages", data: { folders: 12 } },
      {
        action: "copy",
        title: "Copy the files",
        status: "in_progress",
        attempt: 2,
        attempts: [{ attempt: 1, status: "failed", error: "exit 23", started_at: at(12) }],
        progress: 0.62,
        message: "11.8 MB/s",
        started_at: at(14),
        tasks: [
          { name: "etc.tar", status: "completed", note: "4 MB" },
          { name: "home.tar", status: "in_progress" },
        ],
      },
      { action: "notify", status: "skipped" },
      { action: "cleanup" },
    ],
  },
  blocked: {
    title: "Set up gpu-box-7",
    status: "blocked",
    current_step: 1,
    block_info: {
      id: "q1",
      step: 1,
      prompt: "The A record still points to 10.0.0.9. Switch it now?",
      fields: {
        switch: { type: "boolean", required: true, title: "Switch" },
        ttl: { type: "number", min: 1, title: "TTL" },
        mode: { type: "choice", options: ["blue", "green"], title: "Mode" },
        note: { type: "string", title: "Note" },
      },
    },
    steps: [done("check", 0, 1), { action: "confirm-dns", status: "blocked", started_at: at(1) }],
  },
  interrupted: {
    title: "Deploy the API",
    status: "interrupted",
    current_step: 1,
    steps: [done("test", 0, 3), { action: "migrate", status: "interrupted", started_at: at(3) }],
  },
  failed: {
    title: "Deploy the shop",
    status: "failed",
    current_step: 1,
    end_time: at(9),
    error_message: "build: exit 1",
    steps: [
      done("fetch", 0, 1),
      { action: "build", status: "failed", error: "error TS2345", started_at: at(1) },
      { action: "publish", status: "cancelled" },
    ],
  },
  unlinked: {
    title: "Set up web-7",
    current_step: 1,
    steps: [
      done("packages", 0, 12),
      {
        action: "copy",
        title: "Copy the models",
        status: "in_progress",
        progress: 0.4,
        started_at: at(12),
        data: {
          process: {
            ...{ machine: "web-7", pid: 4711, since: at(12), over: "ssh" },
            taken_up: [{ from: at(13), to: at(14), gone: "server" }],
            unwatched_ms: 60_000,
            link_lost: { since: at(15), why: "Connection refused", next_try_at: null },
          },
        },
      },
      { action: "reload" },
    ],
  },
  completed: { status: "completed", end_time: at(9), steps: [done("archive", 0, 9)] },
  cancelled: {
    title: "Import",
    status: "cancelled",
    end_time: at(1),
    steps: [{ action: "read", status: "cancelled", started_at: at(0), finished_at: at(1) }],
  },
  empty: { title: "No steps yet", steps: [] },
};

/** Started, and with the situation's name as its id. */
export const situation = (name: string): object => ({
  workflow_id: name,
  start_time: START,
  ...SITUATIONS[name],
});
