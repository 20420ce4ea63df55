/** A connection as a provider's console shows it: taken, with the machine alone in it, and what was left out is said. */
import { describe, expect } from "vitest";
import { call } from "../../../support/links/rest.js";
import { runnerTest as test } from "../../../support/servers/runnerWorld.js";

const PASTED = "ssh -p 2222 root@host -L 8080:localhost:8080";
const tokens = [
  { token: "watch-token", can: "watch" },
  { token: "drive-token", can: "drive" },
] as const;

const VARIABLES = "env | grep -E '^(INPUT|ANSWER)_' | sort";
const RECIPE = `
name: one
inputs:
  machine: { type: ssh, title: Machine, required: true }
  other: { type: ssh, default: 'ssh -N default.example' }
steps:
  - { action: off, run: 'false', enabled: false }
  - { action: first, run: "${VARIABLES}; echo '::note::its own'" }
  - { action: ask, ask: { prompt: Where to?, fields: { second: { type: ssh } } } }
  - { action: last, run: "${VARIABLES}" }
`;

describe("a connection with more in it than where to go", () => {
  test("a pasted connection is kept and used without its other options, as an input and as an answer, and a note says so", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld();
    world.define("one.yaml", RECIPE);
    const id = await world.start("one", { inputs: { machine: PASTED } });
    const asking = await world.until(id, ({ status }) => status === "blocked");
    expect(asking.inputs).toEqual({
      machine: "ssh -p 2222 root@host",
      other: "ssh default.example",
    });
    expect(asking.steps[1]!.notes).toEqual([
      "Machine: port forwarding was left out.",
      "other: options that do not say where to go were left out.",
      "its own",
    ]);
    expect((await world.outputOf(id, 1)).split("\n")).toEqual(
      expect.arrayContaining([
        "INPUT_MACHINE=ssh -p 2222 root@host",
        "INPUT_MACHINE_HOST=host",
        "INPUT_MACHINE_PORT=2222",
        "INPUT_MACHINE_USER=root",
        "INPUT_OTHER=ssh default.example",
      ]),
    );

    const answer = { second: "ssh -i key.pem me@second -o StrictHostKeyChecking=no" };
    await world.command("answer", { workflow_id: id, answer });
    const { steps, status } = await world.ended(id);
    expect([status, steps[2]!.answer]).toEqual(["completed", { second: "ssh me@second" }]);
    expect((await world.outputOf(id, 3)).split("\n")).toEqual(
      expect.arrayContaining([
        "ANSWER_SECOND=ssh me@second",
        "ANSWER_SECOND_HOST=second",
        "ANSWER_SECOND_PORT=22",
        "ANSWER_SECOND_USER=me",
      ]),
    );
  });

  test("a connection with more in it than where to go shows nothing of that to those who may only watch", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld({ tokens });
    world.define("one.yaml", RECIPE);
    const ask = async (token: string, method: string, path: string, body?: object) => {
      const headers = { Authorization: `Bearer ${token}` };
      return call(world.server.url + path, method, { headers, body });
    };
    const machine = "ssh -i /home/canary/key host -L 8080:canary:8080";
    const start = { name: "one", workflow_id: "w", inputs: { machine } };
    expect((await ask("drive-token", "POST", "/workflow/start", start)).status).toBe(201);
    let text = "";
    while (!text.includes('"blocked"'))
      text = (await ask("watch-token", "GET", "/workflow/state?workflow_id=w")).text;
    expect(text).toContain("port forwarding was left out; the key was left out");
    expect(text).not.toContain("canary");
  });
});
