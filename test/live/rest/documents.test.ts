/** OpenAPI and AsyncAPI as a server gives them out: to whoever may watch, with an address that leads to the base. */
import { expect } from "vitest";
import { liveTest } from "../../support/servers/liveServer.js";

const TOKENS = [{ token: "watch", can: "watch" }] as const;
const WATCHER = { Authorization: "Bearer watch" };

liveTest(
  "whoever may watch reads the documents for machines, and is told where nothing has changed",
  async ({ serve }) => {
    const server = await serve({ tokens: [...TOKENS] });
    for (const [name, version] of [
      ["openapi", "3.1.0"],
      ["asyncapi", "3.0.0"],
    ] as const) {
      const path = `/workflow/${name}.json`;
      const answer = await server.get(path, WATCHER);
      expect(answer.status).toBe(200);
      expect(answer.body[name]).toBe(version);
      const tag = answer.headers.get("etag")!;
      expect((await server.get(path, { ...WATCHER, "If-None-Match": tag })).status).toBe(304);
      expect((await server.get(path)).status).toBe(401);
    }
  },
);

liveTest("the OpenAPI document leads to the base, also behind a prefix", async ({ serve }) => {
  const server = await serve({ basePath: "/tools/instep" });
  const address = `${server.url}/workflow/openapi.json`;
  const { body } = await server.get("/workflow/openapi.json");
  const [{ url } = { url: "" }] = body.servers as { url: string }[];
  const base = new URL(url, address).href.replace(/\/$/, "");
  expect(base).toBe(server.url);
  expect(base).toMatch(/\/tools\/instep$/);
  expect(Object.keys(body.paths as object)).toContain("/workflow/state");
});
