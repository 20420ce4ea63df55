/** Steps whose commands run on another machine, under servers that are processes of their own: both the link and the server may go and come back. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { processOf } from "../../../../shared/state/stepProcess.js";
import { until } from "../../../support/deadline.js";
import { call } from "../../../support/links/rest.js";
import { type FarMachine, withFarMachine } from "../../../support/servers/farMachine.js";
import { livesTest } from "../../../support/servers/serverLives.js";

const test = livesTest.extend<{ machine: FarMachine }>({
  machine: async ({ folder }, use) =>
    withFarMachine(folder, async (machine) => {
      const data = join(folder, ".instep");
      mkdirSync(join(data, "private"), { recursive: true, mode: 0o700 });
      const known = readFileSync(machine.connection.knownHosts);
      writeFileSync(join(data, "private", "known_hosts"), known);
      await use(machine);
    }),
});

const recipe = (steps: string) => `name: far
inputs:
  box: { type: ssh, required: true }
  key: { type: string }
  token: { type: secret }
steps:
${steps}`;

const ON = "on: { ssh: box, identity_file: $INPUT_KEY }";

const inputsOf = ({ ssh, link }: FarMachine, more = {}) => ({
  inputs: {
    box: `ssh -p ${link.port} ${ssh.user}@127.0.0.1`,
    key: ssh.identityFile,
    ...more,
  },
});

describe("a step on another machine", () => {
  test("a step on another machine has its values there, and hands on what it finds", async ({
    machine,
    lives,
  }) => {
    const life = await lives.begin();
    life.define(
      "far.yaml",
      recipe(`  - action: there
    ${ON}
    env: { PATH: "/opt/far:$PATH" }
    run: |
      echo "token $INPUT_TOKEN"; pwd; echo "$PATH"; echo "trace=$TRACEPARENT"
      echo "dir=$\{INSTEP_STATE_DIR-none} url=$\{INSTEP_URL-none} step=$INSTEP_STEP"
      echo place=far >>"$INSTEP_OUTPUT"; echo "::output size=12"
  - action: here
    run: echo "$OUTPUT_THERE_PLACE $OUTPUT_THERE_SIZE"`),
    );
    const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    const started = await call(`${life.url}/workflow/start`, "POST", {
      ...{ headers: { traceparent } },
      body: { name: "far", ...inputsOf(machine, { token: "s3cret-token" }) },
    });
    const id = started.body.workflow_id;
    const state = await life.ended(id);
    expect(state).toMatchObject({
      status: "completed",
      steps: [{ data: { process: { machine: "127.0.0.1", over: "ssh" }, exit_code: 0 } }, {}],
    });
    const [first, second] = [await life.outputOf(id, 0), await life.outputOf(id, 1)];
    expect(first).toContain(`token ***\n${machine.home}\n/opt/far:/`);
    expect(first).toContain(`trace=${traceparent}\n`);
    expect(first).toContain("dir=none url=none step=0\n");
    expect(second).toBe("far 12\n");
    await machine.untilNothingKept();
  });

  test("a step on another machine is still at work while its link is down and its server is killed twice", async ({
    machine,
    lives,
  }) => {
    let life = await lives.begin();
    machine.fifo("wait");
    life.define(
      "far.yaml",
      recipe(`  - action: there
    ${ON}
    run: |
      i=0; while [ $i -lt 300 ]; do
        echo "line $i" | tee -a copy; i=$((i + 1)); [ $((i % 10)) != 0 ] || sleep 0.1
      done; read x <wait; echo last | tee -a copy; exit 3`),
    );
    const id = await life.start("far", inputsOf(machine));
    await life.until(id, ({ steps }) => processOf(steps[0]?.data) !== null);
    machine.link.refuse();
    const lost = await life.until(id, ({ steps }) => linkOf(steps[0]) !== undefined);
    expect(lost).toMatchObject({
      status: "running",
      steps: [{ status: "in_progress", attempt: 1 }],
    });
    expect(linkOf(lost.steps[0])).toMatchObject({
      why: expect.stringMatching(/^the link broke|^there was no link/),
    });
    for (const isReached of [false, true]) {
      await life.kill();
      if (isReached) machine.link.pass();
      life = await lives.begin();
      const state = await life.stateOf(id);
      expect(state).toMatchObject({
        status: "running",
        steps: [{ status: "in_progress", attempt: 1 }],
      });
    }
    await life.until(id, ({ steps }) =>
      (steps[0]?.notes ?? []).some((note) => /The server was away/.test(note)),
    );
    machine.fill("wait", "\n");
    const state = await life.ended(id);
    expect(state).toMatchObject({
      status: "failed",
      steps: [{ attempt: 1, data: { exit_code: 3, process: { over: "ssh" } } }],
    });
    const printed = (await life.outputOf(id, 0))
      .split("\n")
      .filter((line) => /^(?:line|last)/.test(line));
    expect(printed.join("\n")).toBe(readFileSync(join(machine.home, "copy"), "utf8").trim());
    expect(state.steps[0]?.data).not.toHaveProperty("process.link_lost");
    await machine.untilNothingKept();
  });

  test("a step whose machine is not reached yet says so until its time is over, and then why", async ({
    machine,
    lives,
  }) => {
    const life = await lives.begin();
    machine.link.refuse();
    life.define(
      "far.yaml",
      recipe(`  - action: there\n    ${ON}\n    timeout: 10s\n    run: echo`),
    );
    const id = await life.start("far", inputsOf(machine));
    const noLink = [expect.stringMatching(/^There is no link yet: .+; it is tried again\.$/)];
    const waits = (notes: readonly string[] = []) => notes.some((note) => /no link/.test(note));
    const waiting = await life.until(id, ({ steps }) => waits(steps[0]?.notes));
    expect(waiting.steps[0]).toMatchObject({ status: "in_progress", notes: noLink });
    const state = await life.ended(id);
    expect(state.steps[0]?.error).toMatch(
      /^took longer than 10s and was stopped before it began: there was no link/,
    );
    expect(waits(state.steps[0]?.notes)).toBe(false);
  });

  test("an absence of the server is told of beside those of the link before it", async ({
    machine,
    lives,
  }) => {
    let life = await lives.begin();
    machine.fifo("wait");
    life.define("far.yaml", recipe(`  - action: there\n    ${ON}\n    run: read x <wait`));
    const id = await life.start("far", inputsOf(machine));
    const gone = (data: unknown) =>
      processOf(data)
        ?.taken_up?.map(({ gone }) => gone)
        .join(" ");
    await life.until(id, ({ steps }) => processOf(steps[0]?.data) !== null);
    machine.link.cut();
    const before = await life.until(id, ({ steps }) => gone(steps[0]?.data) === "link");
    await life.kill();
    life = await lives.begin();
    const after = await life.until(id, ({ steps }) => gone(steps[0]?.data) === "link server");
    expect(processOf(after.steps[0]?.data)).toMatchObject({
      since: processOf(before.steps[0]?.data)?.since,
      taken_up: [processOf(before.steps[0]?.data)?.taken_up?.[0], {}],
    });
    machine.fill("wait", "\n");
    expect(gone((await life.ended(id)).steps[0]?.data)).toBe("link server");
  });

  test("a cancel while the link is down is carried out once that is back", async ({
    machine,
    lives,
  }) => {
    const life = await lives.begin();
    life.define("far.yaml", recipe(`  - action: there\n    ${ON}\n    run: sleep 3021`));
    const id = await life.start("far", inputsOf(machine));
    await life.until(id, ({ steps }) => processOf(steps[0]?.data) !== null);
    await until(() => machine.processesWith("sleep\x003021").length === 1, "the command is there");
    machine.link.refuse();
    await life.until(id, ({ steps }) => linkOf(steps[0]) !== undefined);
    expect(await life.command("stop", { workflow_id: id })).toMatchObject({ status: 202 });
    expect(machine.processesWith("sleep\x003021")).toHaveLength(1);
    // It is in the output, beside the answer and not before it.
    const said = await until(
      async () => (await life.outputOf(id, 0)) || null,
      "its end is told of",
    );
    expect(said).toBe("instep: cancelled: ends once 127.0.0.1 is reached\n");
    expect(machine.processesWith("sleep\x003021")).toHaveLength(1);
    machine.link.pass();
    expect(await life.ended(id)).toMatchObject({ status: "cancelled" });
    expect(await life.outputOf(id, 0)).toMatch(
      /reached\ninstep: cancelled: told to end by SIGTERM; SIGKILL follows in 10s\n$/,
    );
    expect(machine.processesWith("sleep\x003021")).toEqual([]);
  });

  test("a machine that does not let us in fails the step with that sentence", async ({
    machine,
    lives,
  }) => {
    const life = await lives.begin();
    machine.ssh.forgetKeys();
    life.define("far.yaml", recipe(`  - action: there\n    ${ON}\n    run: echo`));
    const state = await life.ended(await life.start("far", inputsOf(machine)));
    expect(state.error_message).toMatch(
      /there: did not start: 127\.0\.0\.1, port \d+, does not let/,
    );
  });
});

const linkOf = (step: { readonly data?: unknown } | undefined) => processOf(step?.data)?.link_lost;
