import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { fileNameOf } from "../../../../server/machine/fileName.js";
import type { StateInput } from "../../../../shared/schema/workflow.js";
import { commandTest } from "../../../support/servers/commandHere.js";

const TWO_STEPS = [{ action: "one", title: "First" }, { action: "two" }];

async function send(method: string, address: string, body?: object): Promise<void> {
  const headers = { "Content-Type": "application/json" };
  const options = body === undefined ? {} : { headers, body: JSON.stringify(body) };
  const answer = await fetch(address, { method, ...options });
  expect(answer.status).toBe(200);
}

const save = (url: string, state: StateInput) => send("POST", `${url}/workflow/state`, state);
const merge = (url: string, part: object) => send("PATCH", `${url}/workflow/state`, part);
const report = (url: string, index: number, update: object) =>
  send("PATCH", `${url}/workflow/state/steps/${index}`, update);

describe("instep list", () => {
  commandTest(
    "instep list shows what runs and what ran, newest first",
    async ({ serve, instep }) => {
      const { url } = await serve();
      const none = instep(["list", "--server", url]);
      expect(await none.exitCode).toBe(0);
      expect(none.stdout()).toBe("No workflows.\n");

      await save(url, { workflow_id: "older", steps: TWO_STEPS });
      await merge(url, { status: "failed", error_message: "no" });
      await save(url, { workflow_id: "newer", title: "The \u001b[31mnew one", steps: TWO_STEPS });
      await report(url, 0, { status: "completed" });
      await report(url, 1, { status: "in_progress", progress: 0.5 });

      const list = instep(["list", "--server", url]);
      expect(await list.exitCode).toBe(0);
      const [head, newer, older, ...more] = list.stdout().trimEnd().split("\n");
      expect(head).toMatch(/^ID +STATUS +DONE +STEP +STARTED +TITLE +WHY$/);
      expect(newer).toMatch(/^newer +running +75% +2\/2 two +\S+ ago +The new one$/);
      expect(older).toMatch(/^older +failed +0% +1\/2 First/);
      expect(more).toEqual([]);

      const failed = instep(["list", "--json", "--status", "failed"], { INSTEP_URL: url });
      expect(await failed.exitCode).toBe(0);
      expect(JSON.parse(failed.stdout())).toMatchObject({ workflow_id: "older", status: "failed" });

      const first = instep(["list", "--limit", "1", "--server", url]);
      expect(await first.exitCode).toBe(0);
      expect(first.stdout()).not.toContain("older");
      expect(first.stderr()).toContain("Only the newest 1");
    },
  );

  commandTest(
    "instep list finds by definition, words and input, and names what is retried",
    async ({ serve, instep, folder }) => {
      mkdirSync(join(folder, "workflows"));
      const source =
        "name: red\ninputs: { host: { type: string } }\nsteps: [{ action: a, run: exit 3 }]";
      writeFileSync(join(folder, "workflows", "red.yaml"), source);
      const { url } = await serve();
      const start = (kind: string, body: object) =>
        fetch(`${url}/workflow/${kind}`, {
          method: "POST",
          headers: { "Content-Type": "application/json" },
          body: JSON.stringify(body),
        });
      const list = async (...flags: string[]) => {
        const run = instep(["list", ...flags], { INSTEP_URL: url });
        return { code: await run.exitCode, out: run.stdout(), err: run.stderr() };
      };
      await start("start", { name: "red", workflow_id: "first", inputs: { host: "web-7" } });
      await instep(["watch", "first", "--server", url]).exitCode;
      await start("retry", { workflow_id: "first" });
      await save(url, { workflow_id: "other", title: "Something else" });
      const { out } = await list();
      expect(out).toMatch(/^ID +STATUS +DONE +STEP +STARTED +DEFINITION +RETRY OF +TITLE +WHY$/m);
      expect(out).toMatch(/^workflow_\S+ .* red +first/m);
      expect((await list("--definition", "red")).out).not.toContain("other");
      expect((await list("--input", "host=WEB-7", "--search", "FIRST")).out).toContain("first");
      expect(await list("--search", "nowhere")).toMatchObject({
        code: 0,
        out: "No workflow fits.\n",
      });
    },
  );

  commandTest("marks what cannot be read, and says why", async ({ serve, instep, folder }) => {
    const data = join(folder, "data");
    const first = await serve("--data-dir", data);
    await save(first.url, { workflow_id: "torn" });
    await save(first.url, { workflow_id: "whole" });
    first.process.signal("SIGTERM");
    await first.process.exitCode;
    const file = join(data, "workflows", `${fileNameOf("torn")}.json`);
    writeFileSync(file, readFileSync(file, "utf8").slice(0, 100));
    const { url } = await serve("--data-dir", data);
    const list = instep(["list"], { INSTEP_URL: url });
    expect(await list.exitCode).toBe(0);
    expect(list.stdout()).toMatch(/^torn +damaged +-/m);
    expect(list.stdout()).toMatch(/^whole +running/m);
    expect(list.stderr()).toMatch(/^The record of torn cannot be read: /);
    const json = instep(["list", "--json"], { INSTEP_URL: url });
    expect(await json.exitCode).toBe(0);
    expect(json.stdout().trimEnd().split("\n")).toHaveLength(1);
  });

  commandTest(
    "instep list without a server ends with 5 and a clear sentence",
    async ({ instep }) => {
      const list = instep(["list", "--server", "http://127.0.0.1:9"]);
      expect(await list.exitCode).toBe(5);
      expect(list.stderr()).toMatch(/^instep: No Instep server answers at http:\/\/127.0.0.1:9/);
    },
  );

  commandTest("instep list names a flag it cannot use", async ({ instep }) => {
    const status = instep(["list", "--status", "done"]);
    expect(await status.exitCode).toBe(2);
    expect(status.stderr()).toContain("--status: must be some of running, blocked");
    const limit = instep(["list", "--limit", "0"]);
    expect(await limit.exitCode).toBe(2);
  });
});

describe("instep watch", () => {
  for (const [status, code] of [
    ["completed", 0],
    ["failed", 1],
    ["cancelled", 3],
  ] as const) {
    commandTest(`follows until the end, and ends like it: ${status}`, async ({ serve, instep }) => {
      const { url } = await serve();
      await save(url, { workflow_id: "nightly", title: "Nightly", steps: TWO_STEPS });
      const watch = instep(["watch", "nightly", "--server", url]);
      await watch.until(/Nightly \(nightly\)/);
      await report(url, 0, { status: "in_progress" });
      await watch.until(/▸ \[1\/2\] First/);
      await report(url, 0, { status: "completed" });
      await watch.until(/✓ \[1\/2\] First: completed after/);
      await merge(url, { status, error_message: status === "failed" ? "it broke" : null });
      expect(await watch.exitCode).toBe(code);
      expect(watch.stdout()).toContain(`Workflow ${status}`);
    });
  }

  commandTest(
    "instep watch waits for whatever comes, and takes the address of a page",
    async ({ serve, instep }) => {
      const { url } = await serve();
      const current = instep(["watch", "current", "--server", url]);
      await current.until(/Nothing is running/);
      await save(url, { workflow_id: "a:b", steps: TWO_STEPS });
      await current.until(/\(a:b\)/);
      const page = instep(["watch", `${url}/w/a%3Ab`, "--json"]);
      await page.until(/"workflow_id":"a:b"/);
      await merge(url, { status: "completed" });
      expect(await current.exitCode).toBe(0);
      expect(await page.exitCode).toBe(0);
    },
  );

  commandTest("instep watch goes on over a restart of the server", async ({ instep, built }) => {
    const first = await built.serve("--data-dir", "data");
    await save(first.url, { workflow_id: "nightly", steps: TWO_STEPS });
    const watch = instep(["watch", "nightly", "--server", first.url]);
    await watch.until(/\(nightly\)/);
    first.process.signal("SIGKILL");
    await watch.until(/link to the server is lost/);
    const { url } = await built.serve("--data-dir", "data", "--port", new URL(first.url).port);
    await watch.until(/link to the server is back/);
    await merge(url, { status: "completed" });
    expect(await watch.exitCode).toBe(0);
  });

  commandTest("instep watch tells what there is not", async ({ serve, instep }) => {
    const { url } = await serve();
    const unknown = instep(["watch", "nobody", "--server", url]);
    expect(await unknown.exitCode).toBe(1);
    expect(unknown.stderr()).toContain("There is no workflow nobody.");
    const unreachable = instep(["watch", "nobody", "--server", "http://127.0.0.1:9"]);
    expect(await unreachable.exitCode).toBe(5);
    const hostile = instep(["watch", "../../etc/passwd", "--server", url]);
    expect(await hostile.exitCode).toBe(2);
  });

  commandTest("instep watch ends when the workflow is cleared", async ({ serve, instep }) => {
    const { url } = await serve();
    await save(url, { workflow_id: "nightly", steps: TWO_STEPS });
    const watch = instep(["watch", "nightly", "--server", url]);
    await watch.until(/\(nightly\)/);
    await send("DELETE", `${url}/workflow/state`);
    expect(await watch.exitCode).toBe(3);
    expect(watch.stdout()).toContain("The workflow was cleared.");
  });

  commandTest("stopped by Ctrl-C leaves the workflow alone", async ({ serve, built }) => {
    const { url } = await serve();
    await save(url, { workflow_id: "nightly", steps: TWO_STEPS });
    const watch = built.instep(["watch", "nightly", "--server", url]);
    await watch.until(/\(nightly\)/);
    watch.signal("SIGINT");
    expect(await watch.exitCode).toBe(130);
    expect(watch.stderr()).toContain("the workflow goes on");
    const { state } = (await (await fetch(`${url}/workflow/state`)).json()) as {
      state: StateInput;
    };
    expect(state.status).toBe("running");
  });
});
