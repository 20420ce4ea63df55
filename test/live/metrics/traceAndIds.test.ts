/** The trace of a start reaches its commands, and one refused write is found in the log by its request id. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { createInstep } from "../../../server/server.js";
import { until } from "../../support/deadline.js";
import { call } from "../../support/links/rest.js";
import { liveTest as test } from "../../support/servers/liveServer.js";

const GOOD = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

async function printedBy(url: string, traceparent: string): Promise<string> {
  const started = await call(`${url}/workflow/start`, "POST", {
    ...{ body: { name: "told" }, headers: { traceparent } },
  });
  expect(started.status).toBe(201);
  const { workflow_id } = started.body;
  await until(
    async () =>
      (await call(`${url}/workflow/state?workflow_id=${workflow_id}`, "GET")).body.state.status ===
      "completed",
    () => "the run to end",
  );
  return (await call(`${url}/workflow/state/steps/0/log?workflow_id=${workflow_id}`, "GET")).text;
}

describe("what leads from one system to the next", () => {
  test("the trace of a start is told to its commands, also by a name of the recipe's own, and one that is none is ignored", async ({
    folder,
  }) => {
    const workflowsDir = join(folder, "workflows");
    mkdirSync(workflowsDir);
    const recipe =
      "name: told\nsteps:\n  - { action: say, run: 'echo \"<$TRACEPARENT><$OWN>\"', env: { OWN: $TRACEPARENT } }\n";
    writeFileSync(join(workflowsDir, "told.yaml"), recipe);
    const instep = await createInstep({ dataDir: join(folder, "data"), workflowsDir });
    try {
      const { url } = await instep.listen({ port: 0 });
      expect(await printedBy(url, GOOD)).toBe(`<${GOOD}><${GOOD}>\n`);
      expect(await printedBy(url, "00-none-of-it-01")).toBe("<><>\n");
    } finally {
      await instep.close();
    }
  });

  test("a request id that is sane is taken over, any other is replaced, and a refused write is in the log under it", async ({
    serve,
  }) => {
    const lines: object[] = [];
    const note = (details: object, msg: string) => void lines.push({ ...details, msg });
    const log = { debug: note, info: note, warn: note, error: note };
    const server = await serve({ log });
    const write = (id: string) =>
      server.call("PATCH", "/workflow/state/steps/3?workflow_id=missing", {
        ...{ body: { message: "no" }, headers: { "X-Request-Id": id } },
      });
    const refused = await write("from-the-proxy-1");
    expect(refused.headers.get("x-request-id")).toBe("from-the-proxy-1");
    expect(lines).toContainEqual(
      expect.objectContaining({
        ...{ request_id: "from-the-proxy-1", workflow_id: "missing", method: "PATCH" },
        msg: "a write was refused",
      }),
    );
    const other = (await write("a b")).headers.get("x-request-id");
    expect(other).toMatch(/^[0-9a-f-]{36}$/);
    expect(lines).toContainEqual(expect.objectContaining({ request_id: other }));
  });
});
