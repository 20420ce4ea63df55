/** A server of its own below a path: everything is there, and any other path says in words where that is. */
import { expect } from "vitest";
import { createInstep } from "../../../server/server.js";
import { RawTab } from "../../support/links/rawTab.js";
import { call } from "../../support/links/rest.js";
import { liveTest } from "../../support/servers/liveServer.js";

const BASE = "/tools/instep";

liveTest("page, REST, probes and socket of a server are below its base path", async ({ serve }) => {
  const server = await serve({ basePath: `${BASE}/` });
  expect(server.url).toBe(`http://127.0.0.1:${server.port}${BASE}`);
  await server.saved({ workflow_id: "w", steps: [{ action: "a" }] });
  expect((await server.get("/workflow/state?workflow_id=w")).body.state.workflow_id).toBe("w");
  expect((await server.get("/readyz")).status).toBe(200);

  for (const path of ["", "/", "/start", "/w/w", "?a=1"]) {
    const page = await server.get(path, { Accept: "text/html" });
    expect([path, page.status]).toEqual([path, 200]);
    expect(page.text).toContain(`<base href="${BASE}/"`);
    expect(page.text).toMatch(/below this address, as \/tools\/instep\/assets\/index-[\w-]+\.js\./);
  }
  const { tab, hello } = await RawTab.open(`${server.url.replace("http", "ws")}/workflow/live`);
  expect(hello.type).toBe("hello");
  tab.drop();
});

liveTest(
  "any other path of that server says where it is, to people by a link",
  async ({ serve }) => {
    const server = await serve({ basePath: BASE });
    const origin = `http://127.0.0.1:${server.port}`;
    for (const path of [
      "/",
      "/workflow/state",
      "/tools",
      "/tools/instepping/",
      `${BASE}/nothing`,
    ]) {
      const told = await call(origin + path, "GET");
      expect([path, told.status, told.body.code]).toEqual([path, 404, "not_found"]);
      expect(told.body.message).toContain("Instep is at `/tools/instep/`");
      const page = await call(origin + path, "GET", { headers: { Accept: "text/html" } });
      expect([path, page.status]).toEqual([path, 404]);
      expect(page.text).toContain('<a href="/tools/instep/">');
    }
    await expect(RawTab.open(`ws://127.0.0.1:${server.port}/workflow/live`)).rejects.toThrow();
  },
);

liveTest(
  "a base path that is none is refused by its name, before anything begins",
  async ({ folder }) => {
    await expect(createInstep({ dataDir: folder, basePath: "instep" })).rejects.toThrow(
      /^basePath: must be a path like \/tools\/instep/,
    );
  },
);
