import { describe, expect } from "vitest";
import { commandLine } from "../../support/servers/commandLine.js";
import { runnerTest } from "../../support/servers/runnerWorld.js";

const GREET =
  "name: greet\ninputs: { whom: { type: string, required: true } }\nsteps: [{ action: a, run: echo }]";

describe("a call that fails", () => {
  runnerTest(
    "a call that fails says so in a sentence, and with --json as one object",
    async ({ runnerWorld }) => {
      const { server, define } = await runnerWorld();
      define("greet.yaml", GREET);
      const env = { INSTEP_URL: server.url };
      const nowhere = "http://127.0.0.1:9";
      for (const [args, code, name, message] of [
        [["watch", "nobody"], 1, "failed", "There is no workflow nobody."],
        [["start", "greet"], 2, "bad_message", "whom"],
        [["start", "grete"], 1, "unknown_definition", "greet"],
        [["cancel", "nobody"], 1, "unknown_workflow", "workflow"],
        [["list", "--limit", "0"], 2, "usage", "--limit"],
        [["list", "--limits", "0"], 2, "usage", "unknown option '--limits'"],
        [["watch"], 2, "usage", "missing required argument 'id'"],
        [["lst"], 2, "usage", "unknown command 'lst'"],
        [["list", "--server", nowhere], 5, "unreachable", nowhere],
      ] as const) {
        const plain = await commandLine(args, { env });
        expect([args, plain.code, plain.stdout]).toEqual([args, code, ""]);
        expect(plain.stderr).toMatch(/^(instep|error): /);
        expect(plain.stderr).toContain(message);

        const json = await commandLine([...args, "--json"], { env });
        expect([args, json.code, json.stdout]).toEqual([args, code, ""]);
        const { error } = JSON.parse(json.stderr);
        expect(error).toEqual({
          code: name,
          message: expect.stringContaining(message),
          errors: expect.any(Array),
        });
      }
    },
  );

  runnerTest("a call that fails names each field that does not fit", async ({ runnerWorld }) => {
    const { server, define } = await runnerWorld();
    define("greet.yaml", GREET);
    const args = ["start", "greet", "--input", "wohm=you", "--json"];
    const { stderr } = await commandLine(args, { env: { INSTEP_URL: server.url } });
    const { errors } = JSON.parse(stderr).error;
    expect(errors.map(({ path }: { path: string }) => path).sort()).toEqual([
      "inputs.whom",
      "inputs.wohm",
    ]);
  });

  runnerTest(
    "a call that fails lets nothing that a server says steer the terminal",
    async ({ runnerWorld }) => {
      const { server } = await runnerWorld();
      const env = { INSTEP_URL: server.url };
      const { stderr } = await commandLine(["start", "a\u001b[2Jb\u0007"], { env });
      expect([...stderr].filter((character) => character < " " && character !== "\n")).toEqual([]);
    },
  );
});
