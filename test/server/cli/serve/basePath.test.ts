/** `instep serve --base-path` as a process: page, script, REST, socket and a followed log are below the path, and commands find it. */
import { expect } from "vitest";
import { until } from "../../../support/deadline.js";
import { Streamed, TEXT } from "../../../support/links/output.js";
import { RawTab } from "../../../support/links/rawTab.js";
import { call } from "../../../support/links/rest.js";
import { cliTest } from "../../../support/servers/builtCommand.js";

cliTest(
  "a server below a path has everything there, and a command finds it by the same setting",
  async ({ serve, instep }) => {
    const { url } = await serve("--base-path", "/@team/c++");
    expect(new URL(url).pathname).toBe("/@team/c++");

    const page = await call(`${url}/w/a`, "GET", { headers: { Accept: "text/html" } });
    expect([page.status, page.text]).toEqual([
      200,
      expect.stringContaining('<base href="/@team/c++/"'),
    ]);
    const [, script] = /<script type="module" crossorigin src="\.\/([^"]+)"/.exec(page.text)!;
    expect((await call(`${url}/${script}`, "GET")).status).toBe(200);
    expect(page.text).toContain(`below this address, as /@team/c++/${script}.`);

    const body = { workflow_id: "a", steps: [{ action: "one", status: "in_progress" }] };
    expect((await call(`${url}/workflow/state`, "POST", { body })).status).toBe(200);
    const { tab } = await RawTab.open(`${url.replace("http", "ws")}/workflow/live`);
    tab.subscribe("a");
    expect((await tab.take("snapshot")).workflow_id).toBe("a");
    tab.drop();

    const log = `${url}/workflow/state/steps/0/log?workflow_id=a`;
    await call(log, "POST", { body: "first\n", headers: TEXT });
    const followed = await Streamed.open(`${log}&follow=1`);
    await until(() => followed.text === "first\n", "the first line, while the answer is open");
    await call(log, "POST", { body: "second\n", headers: TEXT });
    await until(() => followed.text === "first\nsecond\n", "the second line");
    const step = `${url}/workflow/state/steps/0?workflow_id=a`;
    await call(step, "PATCH", { body: { status: "completed" } });
    expect(await followed.ended).toBe("whole");

    const found = { INSTEP_PORT: new URL(url).port, INSTEP_BASE_PATH: "/@team/c++" };
    const listed = instep(["list", "--json"], found);
    expect([await listed.exitCode, listed.stdout()]).toEqual([0, expect.stringContaining('"a"')]);
    const elsewhere = await call(new URL("/workflow/state", url).href, "GET");
    expect([elsewhere.status, elsewhere.body.message]).toEqual([
      404,
      "there is nothing at this path: Instep is at `/@team/c++/`",
    ]);
  },
);
