/** What `instep run` keeps of its commands' output, and `instep logs` gives back: the very same bytes. */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect } from "vitest";
import { cliTest } from "../../../support/servers/builtCommand.js";
import { commandTest } from "../../../support/servers/commandHere.js";

function writeFlow(folder: string, ...commands: string[]): void {
  const steps = commands.map((run, index) => ({ action: `step-${index + 1}`, run }));
  writeFileSync(path.join(folder, "flow.yaml"), JSON.stringify({ name: "flow", steps }));
}

const idIn = (run: { stdout(): string }): string =>
  /\/w\/(\S+)\n/.exec(run.stdout())?.[1] ?? "no page was named";

describe("instep run and instep logs", () => {
  cliTest(
    "instep run and instep logs give back five megabytes of anything, byte for byte, and keep the last lines as ever",
    async ({ instep, folder, serve }) => {
      writeFlow(
        folder,
        "head -c 5000000 /dev/urandom > noise; cat noise",
        "printf 'caf\\303\\251 \\377\\n'; echo end >&2",
      );
      const { url } = await serve();
      const run = instep(["run", "flow.yaml", "--server", url]);
      expect(await run.exitCode).toBe(0);
      const id = idIn(run);

      const first = instep(["logs", id, "--step", "1", "--server", url]);
      expect(await first.exitCode).toBe(0);
      expect(first.bytes().equals(readFileSync(path.join(folder, "noise")))).toBe(true);

      // Followed after the fact: the same, by the other way.
      const followed = instep(["logs", id, "-f", "--step", "step-1", "--server", url]);
      expect(await followed.exitCode).toBe(0);
      expect(followed.bytes().equals(first.bytes())).toBe(true);

      const second = instep(["logs", id, "--step", "step-2", "--server", url]);
      await second.exitCode;
      expect(second.bytes().toString("latin1")).toBe("caf\xc3\xa9 \xff\nend\n");

      const all = instep(["logs", id, "--server", url]);
      await all.exitCode;
      expect(all.bytes().equals(Buffer.concat([first.bytes(), second.bytes()]))).toBe(true);

      const state = await (await fetch(`${url}/workflow/state?workflow_id=${id}`)).json();
      expect(state.state.steps[0].log_bytes).toBe(5_000_000);
      expect(state.state.steps[1].data.last_lines.at(-1)).toBe("end");
    },
  );

  commandTest(
    "follow it as it comes, step by step, to the end",
    async ({ instep, folder, serve }) => {
      writeFlow(
        folder,
        "echo one; until [ -e go ]; do sleep 0.05; done; echo two",
        "true",
        "echo three; exit 4",
      );
      const { url } = await serve();
      const run = instep(["run", "flow.yaml", "--server", url]);
      await run.until(/Follow it at/);
      const logs = instep(["logs", "current", "-f", "--server", url]);
      await logs.until(/one\n/);
      writeFileSync(path.join(folder, "go"), "");
      expect(await logs.exitCode).toBe(0);
      expect(logs.stdout()).toBe("one\ntwo\nthree\n");
      expect(logs.stderr()).toBe("✗ step-3 failed: exit code 4\n");
      expect(await run.exitCode).toBe(1);
    },
  );

  commandTest(
    "instep run and instep logs say in the end why it failed",
    async ({ instep, folder, serve }) => {
      const why = "ssh: Could not resolve hostname web-7: Name or service not known";
      writeFlow(folder, "true", `echo begin; echo '${why}' >&2; seq 1 30; exit 255`);
      const { url } = await serve();
      const run = instep(["run", "flow.yaml", "--server", url]);
      expect(await run.exitCode).toBe(1);
      const ends = run.stdout().trimEnd().split("\n");
      expect(ends.at(-1)).toMatch(
        /^Workflow failed: step-2: ssh: Could not resolve hostname web-7/,
      );
      expect(run.stdout().split(why).length - 1).toBe(1);

      const logs = instep(["logs", idIn(run), "--server", url]);
      expect(await logs.exitCode).toBe(0);
      expect(logs.stderr()).toBe(`✗ step-2 failed: ${why} (exit code 255)\n`);
      const list = instep(["list", "--server", url]);
      await list.exitCode;
      expect(list.stdout()).toContain(`step-2: ${why} (exit code 255)`);
    },
  );

  commandTest(
    "instep run and instep logs stop following at Ctrl-C, and the workflow goes on",
    async ({ folder, serve, built }) => {
      writeFlow(folder, "echo one; until [ -e go ]; do sleep 0.05; done");
      const { url } = await serve();
      const run = built.instep(["run", "flow.yaml", "--server", url]);
      await run.until(/Follow it at/);
      const logs = built.instep(["logs", "current", "-f", "--server", url]);
      await logs.until(/one\n/);
      logs.signal("SIGINT");
      expect(await logs.exitCode).toBe(130);
      writeFileSync(path.join(folder, "go"), "");
      expect(await run.exitCode).toBe(0);
    },
  );

  commandTest(
    "print only what is there now in a pipe, and only the last lines with --tail",
    async ({ instep, folder, serve }) => {
      writeFlow(folder, "seq 1 100", "seq 1 50; printf 51; until [ -e go ]; do sleep 0.05; done");
      const { url } = await serve();
      const run = instep(["run", "flow.yaml", "--server", url]);
      const logAddress = `${url}/workflow/state/steps/1/log`;
      for (let text = ""; !text.endsWith("51"); text = await (await fetch(logAddress)).text());
      const logs = instep(["logs", "current", "--tail", "3", "--server", url]);
      expect(await logs.exitCode).toBe(0);
      expect(logs.stdout()).toBe("49\n50\n51");
      const first = instep(["logs", "current", "--step", "step-1", "--tail", "2", "--server", url]);
      await first.exitCode;
      expect(first.stdout()).toBe("99\n100\n");
      const followed = instep(["logs", "current", "-f", "--tail", "1", "--server", url]);
      await followed.until(/51/);
      writeFileSync(path.join(folder, "go"), "");
      expect(await followed.exitCode).toBe(0);
      expect(followed.stdout()).toBe("51");
      expect(await run.exitCode).toBe(0);
    },
  );

  commandTest(
    "instep run and instep logs say what is wrong with a wrong word",
    async ({ instep, folder, serve }) => {
      writeFlow(folder, "true");
      const { url } = await serve();
      const none = instep(["logs", "current", "--server", url]);
      expect(await none.exitCode).toBe(1);
      expect(none.stderr()).toMatch(/^instep: Nothing is running\. `.* list` shows what ran\.\n$/);
      const unknown = instep(["logs", "nobody", "--server", url]);
      expect(await unknown.exitCode).toBe(1);
      expect(unknown.stderr()).toBe("instep: There is no workflow nobody.\n");
      const run = instep(["run", "flow.yaml", "--server", url]);
      await run.exitCode;
      for (const [flags, problem] of [
        [["--step", "five"], "--step five is no step of it; there are 1 step-1"],
        [["--attempt", "0"], '--attempt: must be a whole number from 1, not "0"'],
        [["--tail", "some"], '--tail: must be a whole number from 0, not "some"'],
      ] as const) {
        const logs = instep(["logs", idIn(run), ...flags, "--server", url]);
        expect(await logs.exitCode).toBe(2);
        expect(logs.stderr()).toBe(`instep: ${problem}\n`);
      }
      const quiet = instep(["logs", idIn(run), "--server", url]);
      expect(await quiet.exitCode).toBe(0);
      expect(quiet.stdout()).toBe("");
    },
  );
});
