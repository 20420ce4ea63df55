/** A server with definitions in a folder, and words for what its runner does with them. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "../../../shared/clock.js";
import type { WorkflowState } from "../../../shared/schema/workflow.js";
import type { ManualClock } from "../clocks/manualClock.js";
import { within } from "../deadline.js";
import { type Answer, call } from "../links/rest.js";
import { type LiveServer, liveTest, type ServeOptions } from "./liveServer.js";

export interface RunnerCalls {
  /** Writes a definition file. */
  define(file: string, source: string): void;
  /** Starts and gives the new workflow's id. */
  start(name: string, more?: object): Promise<string>;
  /** The first state of a workflow that fits. */
  until(id: string, fits: (state: WorkflowState) => boolean): Promise<WorkflowState>;
  ended(id: string): Promise<WorkflowState>;
  stateOf(id: string): Promise<WorkflowState>;
  command(
    kind: "restore" | "start" | "stop" | "answer" | "resume" | "retry",
    body: object,
  ): Promise<Answer>;
  /** Of a step's newest attempt, or the one named. */
  outputOf(id: string, step: number, attempt?: number): Promise<string>;
}

export interface RunnerWorld extends RunnerCalls {
  readonly server: LiveServer;
}

interface Fixtures {
  runnerWorld: (options?: ServeOptions) => Promise<RunnerWorld>;
}

/** Real time: what runs here are real processes. */
export const RUNNING_CLOCK: ManualClock = {
  ...systemClock,
  advance: () => {},
  sleep: () => {},
  setWall: () => {},
  waitingFor: () => 0,
  waiting: 0,
};

export const runnerTest = liveTest.extend<Fixtures>({
  runnerWorld: async ({ serve, folder }, use) => {
    await use(async (options = {}) => {
      const workflowsDir = join(folder, "workflows");
      mkdirSync(workflowsDir, { recursive: true });
      const server = await serve({
        clock: RUNNING_CLOCK,
        workflowsDir,
        env: { PATH: process.env.PATH },
        clearAfterMs: 600_000,
        ...options,
      });
      return { server, ...runnerAt(() => server.url, workflowsDir) };
    });
  },
});

/** The same words for a server that is a process of its own. */
export function runnerAt(url: () => string, workflowsDir: string): RunnerCalls {
  const get = (path: string, headers: Record<string, string> = {}): Promise<Answer> =>
    call(url() + path, "GET", { headers });
  const stateOf = async (id: string): Promise<WorkflowState> => {
    const { body } = await get(`/workflow/state?workflow_id=${id}`);
    return body.state;
  };
  const until: RunnerCalls["until"] = async (id, fits) => {
    let state = await stateOf(id);
    const look = async (): Promise<WorkflowState> => {
      for (let tag = ""; !fits(state); ) {
        const answer = await get(`/workflow/state?workflow_id=${id}&wait=20s`, {
          "If-None-Match": tag,
        });
        tag = answer.headers.get("etag") ?? "";
        if (answer.status === 200) state = answer.body.state;
      }
      return state;
    };
    return within(look(), () => `the state to fit: ${JSON.stringify(state, null, 1)}`);
  };
  const command: RunnerCalls["command"] = (kind, body) =>
    call(`${url()}/workflow/${kind}`, "POST", { body });
  return {
    stateOf,
    until,
    command,
    define: (file, source) => writeFileSync(join(workflowsDir, file), source),
    start: async (name, more = {}) => {
      const answer = await command("start", { name, ...more });
      if (answer.status !== 201) throw new Error(`not started: ${answer.text}`);
      return answer.body.workflow_id;
    },
    ended: (id) => until(id, ({ status }) => ["completed", "failed", "cancelled"].includes(status)),
    outputOf: async (id, step, attempt) => {
      const which = attempt === undefined ? "" : `&attempt=${attempt}`;
      const answer = await get(`/workflow/state/steps/${step}/log?workflow_id=${id}${which}`);
      return answer.text;
    },
  };
}
