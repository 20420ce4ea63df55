/** Ctrl-C in a terminal, with a command at work: one question, and what each answer makes of the command. */
import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect } from "vitest";
import { processOf } from "../../../../shared/state/stepProcess.js";
import { within } from "../../../support/deadline.js";
import { cliTest, environmentIn, MAIN } from "../../../support/servers/builtCommand.js";
import { Said } from "../../../support/servers/calledInstep.js";
import { processesOf } from "../../../support/servers/processes.js";
import { runnerAt } from "../../../support/servers/runnerWorld.js";

const CTRL_C = "\u0003";
const QUESTION =
  /1 command is at work: end it, or leave it to the next server\? \[e\]nd\/\[l\]eave /;

interface Terminal {
  /** The id of the workflow at work. */
  readonly id: string;
  press(keys: string): void;
  until(pattern: RegExp): Promise<RegExpExecArray>;
  readonly exitCode: Promise<number | null>;
}

const test = cliTest.extend<{ terminal: () => Promise<Terminal> }>({
  // The command's folder is named so that its processes are ended after the test.
  terminal: async ({ folder, instep: _ }, use) =>
    use(async () => {
      const workflows = path.join(folder, "workflows");
      mkdirSync(workflows);
      const command = `exec '${process.execPath}' '${MAIN}' serve --port 0`;
      // util-linux's script gives it a terminal, and passes on what is written to its own input.
      const child = spawn("script", ["-qec", command, "/dev/null"], {
        cwd: folder,
        env: { ...environmentIn(folder), TERM: "dumb" },
        stdio: ["pipe", "pipe", "ignore"],
      });
      const said = new Said();
      child.stdout.on("data", (bytes: Buffer) => said.add("stdout", bytes));
      const exitCode = new Promise<number | null>((resolve) => {
        child.on("close", (code) => {
          said.end();
          resolve(code);
        });
      });
      const until = (pattern: RegExp) => said.until(pattern);
      const [, url] = await until(/Page +(http:\S+?)\/\s/);
      const calls = runnerAt(() => url!, workflows);
      writeFileSync(
        path.join(workflows, "flow.yaml"),
        "name: flow\nsteps: [{ action: one, run: sleep 1000 }]\n",
      );
      const id = await calls.start("flow");
      await calls.until(id, ({ steps }) => processOf(steps[0]?.data) !== null);
      return { id, until, exitCode, press: (keys) => void child.stdin.write(keys) };
    }),
});

describe("Ctrl-C in a terminal with a command at work", () => {
  test.for([
    ["e\r", "end", 0],
    ["l\r", "keep", 1],
    ["\rwhat\rleave\r", "keep", 1],
  ] as const)(
    "Ctrl-C in a terminal asks once, and the answer %j means: %s",
    async ([keys, way, left], { terminal }) => {
      const { id, press, until, exitCode } = await terminal();
      press(CTRL_C);
      await until(QUESTION);
      press(keys);
      await until(new RegExp(`stopping signal=SIGINT commands=${way}`));
      if (left > 0) await until(/left 1 command at work for the next server/);
      expect(await within(exitCode, () => "its end")).toBe(0);
      expect(processesOf(id).length > 0).toBe(left > 0);
    },
  );
});
