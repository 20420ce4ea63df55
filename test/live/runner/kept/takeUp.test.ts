/** `instep run` killed without warning: its command goes on, and `--take-up`, or a server on the folder, follows it to its end. */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect } from "vitest";
import { processOf } from "../../../../shared/state/stepProcess.js";
import { type Calls, cliTest, type InstepProcess } from "../../../support/servers/builtCommand.js";
import { processesOf, untilNoneOf } from "../../../support/servers/processes.js";
import { runnerAt } from "../../../support/servers/runnerWorld.js";

/** Waits for a file `go`, named like the workflow's own recipe, and ends with the code in it. */
const recipe = (name: string, more = "") => `name: ${name}
${more}
steps:
  - action: waits
    run: |
      echo "begun by $$" >> ${name}.begun
      echo "::task running::part"
      echo begins
      until test -e ${name}.go; do sleep 0.02; done
      echo ends
      exit "$(cat ${name}.go)"
  - { action: behind, run: echo behind }
`;

interface Killed {
  readonly id: string;
  readonly url: string;
}

const test = cliTest.extend<{
  /** Runs a recipe of that name until its command is at work, and kills the run. */
  killed: (name: string, more?: string) => Promise<Killed>;
  /** Lets the command of that recipe end with a code. */
  letEnd: (name: string, code?: number) => void;
}>({
  killed: async ({ instep, folder }, use) =>
    use(async (name, more) => {
      writeFileSync(path.join(folder, `${name}.yaml`), recipe(name, more));
      const run = instep(["run", `${name}.yaml`]);
      const [, url, id] = await run.until(/Follow it at (http:\S+)\/w\/(\S+)/);
      const calls = runnerAt(() => url!, folder);
      await calls.until(id!, ({ steps }) => processOf(steps[0]?.data) !== null);
      await calls.until(id!, ({ steps }) => steps[0]?.message === "begins");
      run.signal("SIGKILL");
      await run.exitCode;
      return { id: id!, url: url! };
    }),
  letEnd: async ({ folder }, use) =>
    use((name, code = 0) => {
      // Seen whole or not at all.
      writeFileSync(path.join(folder, "code"), `${code}\n`);
      renameSync(path.join(folder, "code"), path.join(folder, `${name}.go`));
    }),
});

const followed = async (instep: Calls<InstepProcess>["instep"], id: string, ...more: string[]) => {
  const call = instep(["run", "--take-up", id, ...more]);
  const [, url] = await call.until(/Follow it at (http:\S+)\/w\//);
  return { call, ...runnerAt(() => url!, "") };
};

describe("a run that was killed", () => {
  test("instep run --take-up follows the very same command to its end, with the exit code of run", async ({
    instep,
    killed,
    letEnd,
    folder,
  }) => {
    const { id } = await killed("flow");
    const [pid] = processesOf(id);
    expect(pid).toBeDefined();
    const { call, until, outputOf } = await followed(instep, id);
    const taken = await until(id, ({ status }) => status === "running");
    expect(taken.steps[0]).toMatchObject({ status: "in_progress", attempt: 1 });
    letEnd("flow");
    await until(id, ({ steps }) => steps[1]?.status === "completed");
    const log = await outputOf(id, 0).catch(() => null);
    expect(await call.exitCode).toBe(0);
    expect(call.stdout()).toMatch(/✓ \[1\/2\] waits: completed after .*\n.*\n✓ \[2\/2\] behind/);
    expect(call.stdout()).toContain("Workflow completed\n");
    // The server goes with the call, perhaps before it was asked.
    if (log !== null)
      expect(log).toMatch(/^::task .*\nbegins\ninstep: The server was away .*\nends\n$/);
    expect(readFileSync(path.join(folder, "flow.begun"), "utf8").split("\n")).toHaveLength(2);
    await untilNoneOf(id);

    const again = instep(["run", "--take-up", id]);
    expect(await again.exitCode).toBe(0);
    expect(again.stdout()).toContain("It had ended already");
  });

  test("a command that fails under instep run --take-up ends the call with 1", async ({
    instep,
    killed,
    letEnd,
  }) => {
    const { id } = await killed("flow");
    const { call } = await followed(instep, id);
    letEnd("flow", 7);
    expect(await call.exitCode).toBe(1);
    expect(call.stdout()).toMatch(/✗ \[1\/2\] waits: failed after .*: exit code 7/);
  });

  test("a command that ended while nobody was there is told with its end", async ({
    instep,
    killed,
    letEnd,
  }) => {
    const { id } = await killed("flow");
    letEnd("flow", 3);
    await untilNoneOf(id);
    const call = instep(["run", "--take-up", id]);
    expect(await call.exitCode).toBe(1);
    expect(call.stdout()).toContain("exit code 3");
    expect(call.stdout()).not.toContain("interrupted");
  });

  for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 3],
  ] as const) {
    test(`${signal} cancels what instep run --take-up follows, with all it started`, async ({
      instep,
      killed,
    }) => {
      const { id } = await killed("flow");
      const { call } = await followed(instep, id);
      await call.until(/waits/);
      call.signal(signal);
      expect(await call.exitCode).toBe(code);
      expect(call.stdout()).toContain("Workflow cancelled");
      expect(processesOf(id)).toEqual([]);
    });
  }

  test("instep serve on the folder takes it up as well, and says so to instep run --take-up", async ({
    instep,
    serve,
    killed,
    letEnd,
    folder,
  }) => {
    const { id } = await killed("flow");
    const { url } = await serve();
    const call = instep(["run", "--take-up", id]);
    expect(await call.exitCode).toBe(75);
    expect(call.stderr()).toContain(`It is driven there. To follow it:`);
    letEnd("flow");
    const { status, steps } = await runnerAt(() => url, folder).ended(id);
    expect([status, steps[0]?.attempt]).toEqual(["completed", 1]);
  });

  test("what else is at work in the folder goes on when the call has ended, for the next one", async ({
    instep,
    killed,
    letEnd,
  }) => {
    const one = await killed("one");
    const two = instep(["run", "--take-up", one.id]);
    await two.until(/waits/);
    two.signal("SIGKILL");
    await two.exitCode;
    const other = await killed("other");
    const { call } = await followed(instep, other.id);
    await call.until(new RegExp(`Also at work in this folder: ${one.id}\\.`));
    letEnd("other");
    expect(await call.exitCode).toBe(0);
    expect(processesOf(one.id).length).toBeGreaterThan(0);

    const last = await followed(instep, one.id);
    letEnd("one");
    expect(await last.call.exitCode).toBe(0);
  });

  test("whoever is to be told of the end is told before the call ends", async ({
    instep,
    killed,
    letEnd,
    folder,
  }) => {
    const { id } = await killed("flow", 'on_end: { run: "sleep 0.5; echo told >> told.txt" }');
    const { call } = await followed(instep, id);
    letEnd("flow");
    expect(await call.exitCode).toBe(0);
    expect(readFileSync(path.join(folder, "told.txt"), "utf8")).toBe("told\n");
  });
});
