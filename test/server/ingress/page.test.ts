/** The page's own files: as they are now, also where they were built anew under a running server. */
import { mkdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import express from "express";
import { expect } from "vitest";
import type { Gate } from "../../../server/ingress/access.js";
import { answerErrors } from "../../../server/ingress/answerErrors.js";
import { pageRouter } from "../../../server/ingress/page.js";
import type { Log } from "../../../server/log.js";
import { LIMITS } from "../../../shared/limits.js";
import { folderTest as test } from "../../support/temporaryFolder.js";

const OPEN_GATE = { checkOrigin: () => {} } as unknown as Gate;
const NO_LOG = {} as Log;

async function build(folder: string, name: string): Promise<void> {
  await rm(join(folder, "assets"), { recursive: true, force: true });
  await mkdir(join(folder, "assets"), { recursive: true });
  await writeFile(join(folder, "assets", name), "// the page");
  await writeFile(join(folder, "index.html"), `<base href="/"><script src="assets/${name}">`);
}

test("is served as it was built last, and said to be missing where it was not built", async ({
  folder,
  onTestFinished,
}) => {
  const app = express();
  app.use("/mount", pageRouter(folder, OPEN_GATE));
  app.use(answerErrors(LIMITS, NO_LOG));
  const server = createServer(app).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await new Promise((resolve) => server.once("listening", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mount`;

  const missing = await fetch(`${url}/`);
  expect(missing.status).toBe(404);
  expect(await missing.text()).toContain("the page is not built");

  for (const name of ["first.js", "second.js"]) {
    await build(folder, name);
    for (const place of ["/", "/w/some", "/start"]) {
      expect(await (await fetch(url + place)).text()).toBe(
        `<base href="/mount/"><script src="assets/${name}">`,
      );
    }
    expect((await fetch(`${url}/assets/${name}`)).status).toBe(200);
  }
});
