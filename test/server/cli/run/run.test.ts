import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect } from "vitest";
import type { WorkflowState } from "../../../../shared/schema/workflow.js";
import { until } from "../../../support/deadline.js";
import { cliTest } from "../../../support/servers/builtCommand.js";
import { commandTest } from "../../../support/servers/commandHere.js";

const EXAMPLE = fileURLToPath(new URL("../../../../examples/backup.yaml", import.meta.url));

/** Writes `flow.yaml` with one step for each command. */
function writeFlow(folder: string, ...commands: string[]): void {
  const steps = commands.map((run, index) => ({ action: `step-${index + 1}`, run }));
  writeFileSync(path.join(folder, "flow.yaml"), JSON.stringify({ name: "flow", steps }));
}

/** The states in a data folder, without the store's wrapping, whichever that is. */
function statesIn(folder: string): string {
  return ["workflows", "history"]
    .flatMap((part) =>
      readdirSync(path.join(folder, part)).map((name) => path.join(folder, part, name)),
    )
    .map((file) => readFileSync(file, "utf8"))
    .join("\n");
}

async function stateAt(url: string): Promise<WorkflowState> {
  return (await (await fetch(`${url}/workflow/state`)).json()).state;
}

/** Whether any process of the group still runs; the dead that nobody has reaped do not. */
function groupRuns(group: string): boolean {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .some((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
        const [state, , itsGroup] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
        return itsGroup === group && state !== "Z" && state !== "X";
      } catch {
        return false;
      }
    });
}

describe("instep run", () => {
  cliTest(
    "instep run runs what comes out of a pipe; what is too long is refused",
    async ({ instep, folder }) => {
      const pipe = path.join(folder, "pipe");
      execFileSync("mkfifo", [pipe]);
      const run = instep(["run", "pipe"]);
      const flow = JSON.stringify({ name: "flow", steps: [{ action: "one", run: "echo piped" }] });
      await writeFile(pipe, flow);
      expect(await run.exitCode).toBe(0);
      expect(run.stdout()).toContain("Workflow completed");

      const endless = instep(["run", "/dev/zero"]);
      expect(await endless.exitCode).toBe(2);
      expect(endless.stderr()).toBe("instep: /dev/zero: is larger than 262144 bytes\n");
      const nothing = instep(["run", "."]);
      expect(await nothing.exitCode).toBe(2);
      expect(nothing.stderr()).toBe("instep: .: is a folder, not a file\n");
    },
  );

  commandTest(
    "instep run runs the steps, reports them, and ends with 0",
    async ({ instep, folder, serve }) => {
      writeFlow(folder, "echo one; echo two", 'echo "$INSTEP_STEP of $INSTEP_WORKFLOW_ID in $PWD"');
      const { url } = await serve();
      const run = instep(["run", "flow.yaml", "--server", url]);
      expect(await run.exitCode).toBe(0);

      const state = await stateAt(url);
      expect(run.stdout()).toContain(`Follow it at ${url}/w/${state.workflow_id}\n`);
      expect(run.stdout()).toContain("✓ [2/2] step-2: completed after ");
      expect(state).toMatchObject({
        name: "flow",
        status: "completed",
        steps: [
          {
            status: "completed",
            attempt: 1,
            message: null,
            data: { exit_code: 0, last_lines: ["one", "two"] },
          },
          { data: { last_lines: [`1 of ${state.workflow_id} in ${folder}`] } },
        ],
      });
      for (const step of state.steps) {
        expect(Date.parse(step.finished_at!)).toBeGreaterThanOrEqual(Date.parse(step.started_at!));
      }
    },
  );

  commandTest(
    "instep run ends with 1 at the first step that fails",
    async ({ instep, folder, serve }) => {
      writeFlow(folder, "echo before; echo 'it is broken' >&2; exit 3", "echo never");
      const { url } = await serve();
      const run = instep(["run", "flow.yaml"], { INSTEP_URL: url });
      expect(await run.exitCode).toBe(1);
      expect(run.stdout()).toMatch(/✗ \[1\/2\] step-1: failed after .*: exit code 3/);
      expect(run.stdout()).toContain("| it is broken");

      const state = await stateAt(url);
      expect(state).toMatchObject({
        status: "failed",
        error_message: "step-1: exit code 3",
        steps: [
          { status: "failed", error: "exit code 3", data: { exit_code: 3 } },
          { status: "pending" },
        ],
      });
      const { last_lines } = state.steps[0]!.data as { last_lines: string[] };
      expect(last_lines.sort()).toEqual(["before", "it is broken"]);
    },
  );

  cliTest(
    "instep run starts a server of its own, which leaves the end behind",
    async ({ instep, folder, serve }) => {
      writeFlow(folder, "echo hello");
      const run = instep(["run", "flow.yaml", "--data-dir", "data"]);
      expect(await run.exitCode).toBe(0);
      const [, url, id] = /Follow it at (http:\/\/127\.0\.0\.1:\d+)\/w\/(\S+)/.exec(run.stdout())!;
      await expect(fetch(`${url}/healthz`)).rejects.toThrow();
      expect(existsSync(path.join(folder, "data", "instep.lock"))).toBe(false);

      const later = await serve("--data-dir", "data");
      const answer = await fetch(`${later.url}/workflow/state?workflow_id=${id}`);
      expect(await answer.json()).toMatchObject({ state: { status: "completed" } });
    },
  );

  for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 3],
  ] as const) {
    commandTest(
      `instep run is cancelled by ${signal}, with all it started`,
      async ({ built, folder, serve }) => {
        // The group's number is the shell's: $$.
        writeFlow(folder, "sleep 300 & sleep 300 & echo group $$; wait", "echo never");
        const { url } = await serve();
        const run = built.instep(["run", "flow.yaml", "--json", "--server", url]);
        const group = await groupAt(url);
        expect(groupRuns(group)).toBe(true);

        run.signal(signal);
        expect(await run.exitCode).toBe(code);
        expect(groupRuns(group)).toBe(false);
        expect(await stateAt(url)).toMatchObject({
          status: "cancelled",
          steps: [{ status: "cancelled" }, { status: "pending" }],
        });
      },
    );
  }

  commandTest(
    "instep run ends at once on a second Ctrl-C, and still leaves nothing",
    async ({ built, folder, serve }) => {
      writeFlow(folder, "trap '' TERM; echo group $$; while :; do sleep 0.2; done");
      const { url } = await serve();
      const run = built.instep(["run", "flow.yaml", "--server", url]);
      const group = await groupAt(url);
      run.signal("SIGINT");
      await run.until(/Cancelling/);
      expect(await run.insist("SIGINT")).toBe(130);
      // Killed as the last thing before the end: the kernel may take a moment longer than the exit.
      await until(() => !groupRuns(group), "the group is gone");
    },
  );

  cliTest(
    "instep run with a server of its own ends at once on a second Ctrl-C, and leaves nothing",
    async ({ instep, folder }) => {
      writeFlow(folder, "trap '' TERM; echo group $$; while :; do sleep 0.2; done");
      const run = instep(["run", "flow.yaml"]);
      const [, url] = await run.until(/Follow it at (http:\S+)\/w\//);
      const group = await groupAt(url!);
      run.signal("SIGINT");
      await run.until(/Cancelling/);
      expect(await run.insist("SIGINT")).toBe(130);
      await until(() => !groupRuns(group), "the group is gone");
    },
  );

  commandTest(
    "instep run stops its steps when somebody clears the workflow",
    async ({ instep, folder, serve }) => {
      writeFlow(folder, "echo group $$; sleep 300");
      const { url } = await serve();
      const run = instep(["run", "flow.yaml", "--server", url]);
      const group = await groupAt(url);
      await fetch(`${url}/workflow/state`, { method: "DELETE" });
      expect(await run.exitCode).toBe(3);
      expect(run.stderr()).toContain("cleared");
      expect(groupRuns(group)).toBe(false);
    },
  );

  commandTest(
    "instep run goes on over a restart of the server",
    async ({ instep, folder, built }) => {
      const gate = path.join(folder, "gate");
      const past = path.join(folder, "past");
      const wait = `until [ -e ${gate} ]; do sleep 0.05; done`;
      writeFlow(folder, `echo waiting; ${wait}; echo through; touch ${past}`);
      const first = await built.serve("--data-dir", "data");
      const run = instep(["run", "flow.yaml", "--server", first.url]);
      await untilMessage(first.url, /waiting/);
      first.process.signal("SIGKILL");
      await run.until(/link to the server is lost/);
      writeFileSync(gate, "");
      await until(() => existsSync(past), "the command went on without a server");
      const again = await built.serve("--data-dir", "data", "--port", new URL(first.url).port);
      expect(again.url).toBe(first.url);
      expect(await run.exitCode).toBe(0);
      expect(await stateAt(again.url)).toMatchObject({
        status: "completed",
        steps: [{ status: "completed", data: { last_lines: ["waiting", "through"] } }],
      });
    },
  );

  cliTest("instep run keeps little of a command that prints a lot", async ({ instep, folder }) => {
    const much = "yes 'all work and no play makes a dull log file' | head -c 200000000";
    // The shell's parent is the process that reads: what it needed at most, in kilobytes.
    writeFlow(folder, much, "grep VmHWM /proc/$PPID/status");
    const run = instep(["run", "flow.yaml", "--json", "--data-dir", "data"]);
    expect(await run.exitCode).toBe(0);
    const [, kilobytes] = /VmHWM:\s+(\d+) kB/.exec(run.stdout())!;
    expect(Number(kilobytes)).toBeLessThan(300_000);
    expect(statesIn(path.join(folder, "data")).length).toBeLessThan(20_000);
  });

  commandTest(
    "instep run keeps the token from the commands",
    async ({ built, instep, folder, serve }) => {
      writeFileSync(path.join(folder, "tokens"), "drive 0123456789abcdef\n", { mode: 0o600 });
      writeFlow(folder, 'echo "token: $INSTEP_TOKEN."');
      const { url } = await serve("--token-file", "tokens");

      const without = instep(["run", "flow.yaml", "--server", url]);
      expect(await without.exitCode).toBe(1);
      expect(without.stderr()).toContain("asks for a token");

      const env = { INSTEP_TOKEN: "0123456789abcdef" };
      const run = built.instep(["run", "flow.yaml", "--server", url, "--json"], env);
      expect(await run.exitCode).toBe(0);
      expect(run.stdout()).toContain("token: .");
    },
  );

  commandTest("instep run stops a step that takes too long", async ({ instep, folder }) => {
    writeFileSync(
      path.join(folder, "flow.yaml"),
      "name: slow\nsteps: [{ action: wait, run: sleep 300, timeout: 200ms }]",
    );
    const run = instep(["run", "flow.yaml"]);
    expect(await run.exitCode).toBe(1);
    expect(run.stdout()).toContain("took longer than 200ms and was stopped");
  });

  commandTest("instep run takes paths from the definition's folder", async ({ instep, folder }) => {
    mkdirSync(path.join(folder, "deep/below"), { recursive: true });
    writeFileSync(
      path.join(folder, "deep/flow.yaml"),
      `name: paths
steps:
  - { action: look, run: pwd }
  - { action: look_below, run: 'pwd; echo "$WHO"', cwd: below, env: { WHO: me } }
  - { action: look_nowhere, run: pwd, cwd: nowhere }
`,
    );
    const run = instep(["run", "deep/flow.yaml", "--json"]);
    expect(await run.exitCode).toBe(1);
    const events = run
      .stdout()
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    const ends = events.filter(({ type, data }) => type === "step" && data);
    expect(ends.map(({ data }) => data.last_lines)).toEqual([
      [path.join(folder, "deep")],
      [path.join(folder, "deep/below"), "me"],
      [],
    ]);
    expect(ends[2].error).toContain("did not start");
  });

  commandTest(
    "instep run names what is wrong with a definition, by file and line",
    async ({ instep, folder }) => {
      writeFileSync(path.join(folder, "flow.yaml"), "name: x\nsteps:\n  - actoin: a\n    run: b\n");
      const run = instep(["run", "flow.yaml"]);
      expect(await run.exitCode).toBe(2);
      expect(run.stderr()).toContain(
        "flow.yaml:3:5: step 1: actoin: no such field; did you mean action?",
      );
      const missing = instep(["run", "nowhere.yaml"]);
      expect(await missing.exitCode).toBe(2);
      expect(missing.stderr()).toContain("nowhere.yaml: there is no such file");
      expect(existsSync(path.join(folder, ".instep"))).toBe(false);
    },
  );

  commandTest("instep run says so where no server answers", async ({ instep, folder }) => {
    writeFlow(folder, "echo never");
    const run = instep(["run", "flow.yaml", "--server", "http://127.0.0.1:9"]);
    expect(await run.exitCode).toBe(5);
    expect(run.stderr()).toContain("No Instep server answers at http://127.0.0.1:9");
    const both = instep(["run", "flow.yaml", "--server", "http://127.0.0.1:9", "--port", "0"]);
    expect(await both.exitCode).toBe(2);
    expect(both.stderr()).toContain("--port: is for a server of its own");
    const wrong = instep(["run", "flow.yaml", "--server", "example.com"]);
    expect(await wrong.exitCode).toBe(2);
    expect(wrong.stderr()).toContain("--server: must begin with http:// or https://");
  });

  cliTest(
    "instep run on a folder that has a server says how to report to it",
    async ({ instep, folder, serve }) => {
      writeFlow(folder, "echo never");
      const { process } = await serve("--data-dir", "data");
      const run = instep(["run", "flow.yaml", "--data-dir", "data"]);
      expect(await run.exitCode).toBe(75);
      expect(run.stderr()).toContain(`process ${process.pid}`);
      expect(run.stderr()).toContain("--server http://127.0.0.1:4747");
    },
  );

  commandTest("instep run runs the example", async ({ instep, folder }) => {
    // The user's own folder for such things is not the one the example runs in.
    const XDG_STATE_HOME = path.join(folder, ".instep", "home");
    const run = instep(["run", EXAMPLE], { PACE: "0", XDG_STATE_HOME });
    expect(await run.exitCode).toBe(0);
    expect(run.stdout()).toContain("Workflow completed");
    expect(readdirSync(folder)).toEqual([".instep"]);
  });
});

async function untilMessage(url: string, pattern: RegExp): Promise<string> {
  let tag = '"none"';
  for (;;) {
    const headers = { "If-None-Match": tag };
    const answer = await fetch(`${url}/workflow/state?wait=20s`, { headers });
    tag = answer.headers.get("ETag") ?? tag;
    expect([200, 304]).toContain(answer.status);
    if (answer.status === 304) continue;
    const { state } = (await answer.json()) as { state: WorkflowState | null };
    const found = pattern.exec(state?.steps[0]?.message ?? "");
    if (found) return found[1] ?? found[0];
  }
}

/** The process group of a first step that printed it. */
const groupAt = (url: string): Promise<string> => untilMessage(url, /group (\d+)/);
