/** A server with definitions in a folder, and words for what its runner does with them. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "../../shared/clock.js";
import type { WorkflowState } from "../../shared/workflow.js";
import { within } from "./deadline.js";
import { type LiveServer, liveTest, type ServeOptions } from "./liveServer.js";
import type { Answer } from "./rest.js";

export interface RunnerWorld {
  readonly server: LiveServer;
  /** Writes a definition file. */
  define(file: string, source: string): void;
  /** Starts and gives the new workflow's id. */
  start(name: string, more?: object): Promise<string>;
  /** The first state of a workflow that fits. */
  until(id: string, fits: (state: WorkflowState) => boolean): Promise<WorkflowState>;
  ended(id: string): Promise<WorkflowState>;
  stateOf(id: string): Promise<WorkflowState>;
  command(kind: "start" | "stop" | "resume" | "retry", body: object): Promise<Answer>;
  /** Of a step's newest attempt, or the one named. */
  outputOf(id: string, step: number, attempt?: number): Promise<string>;
}

interface Fixtures {
  runnerWorld: (options?: ServeOptions) => Promise<RunnerWorld>;
}

export const runnerTest = liveTest.extend<Fixtures>({
  runnerWorld: async ({ serve, folder }, use) => {
    await use(async (options = {}) => {
      const workflowsDir = join(folder, "workflows");
      mkdirSync(workflowsDir, { recursive: true });
      // Real time: what runs here are real processes.
      const server = await serve({
        clock: { ...systemClock, advance: () => {}, waiting: 0 },
        workflowsDir,
        env: { PATH: process.env.PATH },
        clearAfterMs: 600_000,
        ...options,
      });
      return worldOf(server, workflowsDir);
    });
  },
});

function worldOf(server: LiveServer, workflowsDir: string): RunnerWorld {
  const stateOf = async (id: string): Promise<WorkflowState> => {
    const { body } = await server.get(`/workflow/state?workflow_id=${id}`);
    return body.state;
  };
  const until: RunnerWorld["until"] = async (id, fits) => {
    let state = await stateOf(id);
    const look = async (): Promise<WorkflowState> => {
      for (let tag = ""; !fits(state); ) {
        const answer = await server.get(`/workflow/state?workflow_id=${id}&wait=20s`, {
          "If-None-Match": tag,
        });
        tag = answer.headers.get("etag") ?? "";
        if (answer.status === 200) state = answer.body.state;
      }
      return state;
    };
    return within(look(), () => `the state to fit: ${JSON.stringify(state, null, 1)}`);
  };
  const command: RunnerWorld["command"] = (kind, body) =>
    server.call("POST", `/workflow/${kind}`, { body });
  return {
    server,
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
      const answer = await server.get(
        `/workflow/state/steps/${step}/log?workflow_id=${id}${which}`,
      );
      return answer.text;
    },
  };
}
