/** `instep backup` and `instep restore`: a copy of one moment while the server writes and is killed, and a folder that begins anew. */
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import type { WorkflowState } from "../../../shared/schema/workflow.js";
import { until } from "../../support/deadline.js";
import { call } from "../../support/links/rest.js";
import { commandLine } from "../../support/servers/commandLine.js";
import { runnerAt } from "../../support/servers/runnerWorld.js";
import { processTest } from "../../support/servers/serverProcess.js";

const WRITERS = ["one", "two", "three", "four"];
const EMPTY = { steps: [{ action: "count", status: "in_progress" }] };

/** Each prints a line, then reports which one it was, and ends and clears another workflow now and then. Returns what was acknowledged last. */
class Writers {
  readonly acknowledged = new Map<string, number>();
  readonly #url: string;
  readonly #work: Promise<unknown>;
  #isOver = false;

  constructor(url: string) {
    this.#url = url;
    this.#work = Promise.all(WRITERS.map((id) => this.#write(id).catch(() => {})));
  }

  /** Also where its server is gone. */
  async end(): Promise<void> {
    this.#isOver = true;
    await this.#work;
  }

  async #write(workflow_id: string): Promise<void> {
    const { body } = await this.#post("", { workflow_id, ...EMPTY });
    expect(body.success).toBe(true);
    for (let count = 1; !this.#isOver; count++) {
      const line = `${String(count).padStart(6, "0")}\n`;
      await this.#call("POST", `/steps/0/log?workflow_id=${workflow_id}&attempt=1`, line);
      const steps = { message: String(count) };
      const answer = await this.#call("PATCH", `/steps/0?workflow_id=${workflow_id}`, steps);
      if (answer.status === 200) this.acknowledged.set(workflow_id, count);
      if (count % 5 === 0) await this.#comeAndGo(`${workflow_id}-${count}`);
    }
  }

  async #comeAndGo(workflow_id: string): Promise<void> {
    await this.#post("", { workflow_id, ...EMPTY });
    await this.#call("POST", `/steps/0/log?workflow_id=${workflow_id}&attempt=1`, "gone\n");
    await this.#call("DELETE", `?workflow_id=${workflow_id}`);
  }

  #post(path: string, body: unknown) {
    return this.#call("POST", path, body);
  }

  #call(method: string, path: string, body?: unknown) {
    const headers = typeof body === "string" ? { "Content-Type": "text/plain" } : {};
    return call(`${this.#url}/workflow/state${path}`, method, { body, headers });
  }
}

const stateAt = async (url: string, id: string) =>
  (await call(`${url}/workflow/state?workflow_id=${id}`, "GET")).body;
const logAt = async (url: string, id: string) =>
  (await call(`${url}/workflow/state/steps/0/log?workflow_id=${id}`, "GET")).text;

describe("instep backup", () => {
  processTest(
    "a backup has all that was acknowledged before it began, and the output that its records speak of, though the server writes and is killed meanwhile",
    async ({ start, folder }) => {
      const data = join(folder, "data");
      const tell = (...args: string[]) => commandLine(args, { cwd: folder });
      const before = start(data, { flags: ["--clear-after", "1h"] });
      const url = await before.ready;
      const writers = new Writers(url);
      await until(() => writers.acknowledged.size === WRITERS.length, "all have written");
      const epochs = new Map<string, string>();
      for (const id of WRITERS) epochs.set(id, (await stateAt(url, id)).epoch);

      const known: Map<string, number>[] = [];
      for (const name of ["first", "second", "killed"]) {
        known.push(new Map(writers.acknowledged));
        const backing = tell("backup", name, "--data-dir", data, "--json");
        if (name === "killed") await before.kill();
        const { code, stdout, stderr } = await backing;
        expect([code, stderr]).toEqual([0, ""]);
        expect(JSON.parse(stdout)).toMatchObject({ damaged: [], backup: join(folder, name) });
      }
      await writers.end();
      expect((await readdir(folder)).filter((name) => name.endsWith(".half"))).toEqual([]);

      for (const [index, name] of ["first", "second", "killed"].entries()) {
        const restored = join(folder, `restored-${name}`);
        const { code, stderr } = await tell("restore", name, "--data-dir", restored);
        expect([code, stderr]).toEqual([0, ""]);
        const after = start(restored, { flags: ["--clear-after", "1h"] });
        const there = await after.ready;
        for (const id of WRITERS) {
          const { state, epoch } = await stateAt(there, id);
          const count = Number(state.steps[0]!.message);
          expect(count).toBeGreaterThanOrEqual(known[index]!.get(id)!);
          expect(epoch).not.toBe(epochs.get(id));
          expect(state).toMatchObject({
            status: "interrupted",
            interruption: { reason: "restored" },
          });
          const lines = (await logAt(there, id)).trimEnd().split("\n");
          expect(lines.length).toBeGreaterThanOrEqual(count);
          expect(lines.slice(0, count).map(Number)).toEqual(
            Array.from({ length: count }, (_, n) => n + 1),
          );
        }
        expect(after.stderr).toBe("");
        await after.kill();
      }
    },
  );

  processTest(
    "a restored folder runs nothing by itself, also where its recipe would, and goes on when somebody says so",
    async ({ start, folder }) => {
      const recipes = join(folder, "workflows");
      const ran = join(folder, "ran");
      await mkdir(recipes);
      await writeFile(
        join(recipes, "again.yaml"),
        `name: again\non_restart: resume\nsteps: [{ action: work, run: "echo ran >> ${ran}; sleep 1000" }]\n`,
      );
      await writeFile(
        join(recipes, "asks.yaml"),
        "name: asks\nsteps: [{ action: sure, ask: { prompt: Go on? } }, { action: do, run: echo done }]\n",
      );
      const flags = ["--workflows", recipes];
      const data = join(folder, "data");
      const before = start(data, { flags });
      const url = await before.ready;
      const calls = runnerAt(() => url, recipes);
      await calls.start("again", { workflow_id: "again" });
      await calls.start("asks", { workflow_id: "asks" });
      await calls.until("asks", ({ status }: WorkflowState) => status === "blocked");
      await until(async () => (await readdir(folder)).includes("ran"), "its command runs");
      expect((await commandLine(["backup", "b", "--data-dir", data], { cwd: folder })).code).toBe(
        0,
      );
      await calls.command("stop", { workflow_id: "again", now: true });
      await calls.ended("again");
      await before.kill();
      await rm(ran);

      const restored = join(folder, "restored");
      const { code } = await commandLine(["restore", "b", "--data-dir", restored], { cwd: folder });
      expect(code).toBe(0);
      const after = start(restored, { flags });
      const there = await after.ready;
      const again = runnerAt(() => there, recipes);
      for (const id of ["again", "asks"])
        expect((await stateAt(there, id)).state.interruption?.reason).toBe("restored");
      expect(await readdir(folder)).not.toContain("ran");
      expect((await again.command("resume", { workflow_id: "asks" })).status).toBe(200);
      await again.until("asks", ({ status }: WorkflowState) => status === "blocked");
    },
  );
});
