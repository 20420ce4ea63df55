/** The page's own files: as they are now, also where they were built anew under a running server. */
import { mkdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from "node:zlib";
import express from "express";
import { expect } from "vitest";
import type { Gate } from "../../../../server/ingress/access/access.js";
import { answerErrors } from "../../../../server/ingress/answer/answerErrors.js";
import { pageRouter } from "../../../../server/ingress/page/page.js";
import { Forwarded } from "../../../../server/ingress/proxies/forwarded.js";
import type { Log } from "../../../../server/log/log.js";
import { LIMITS } from "../../../../shared/limits.js";
import { folderTest as test } from "../../../support/disks/temporaryFolder.js";
import { rawAnswer } from "../../../support/links/rawAnswer.js";

const OPEN_GATE = {
  ...{ takesTokenless: true, checkHost: () => {}, checkOrigin: () => {} },
  forwarded: new Forwarded(),
} as unknown as Gate;
const NO_LOG = {} as Log;

async function build(folder: string, name: string): Promise<void> {
  await rm(join(folder, "assets"), { recursive: true, force: true });
  await mkdir(join(folder, "assets"), { recursive: true });
  await writeFile(join(folder, "assets", name), "// the page");
  await writeFile(join(folder, "index.html"), `<base href="/"><script src="assets/${name}">`);
}

async function served(
  folder: string,
  onTestFinished: (end: () => void) => void,
  gate = OPEN_GATE,
): Promise<string> {
  const app = express();
  app.use("/mount", pageRouter(folder, gate));
  app.use(answerErrors(LIMITS, NO_LOG));
  const server = createServer(app).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await new Promise((resolve) => server.once("listening", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/mount`;
}

test("an asset goes out as small as the browser can take it, and is the same to it", async ({
  folder,
  onTestFinished,
}) => {
  await build(folder, "page.js");
  const text = "export const page = 'page';\n".repeat(500);
  const file = join(folder, "assets", "page.js");
  await writeFile(file, text);
  await writeFile(`${file}.br`, brotliCompressSync(text));
  await writeFile(`${file}.gz`, gzipSync(text));
  await writeFile(join(folder, "assets", "bare.js"), text);
  const url = await served(folder, onTestFinished);
  const ask = (name: string, accept: string, method = "GET") =>
    rawAnswer(`${url}/assets/${name}`, { method, headers: { "Accept-Encoding": accept } });
  const unpack = { br: brotliDecompressSync, gzip: gunzipSync };

  for (const [accept, encoding] of [
    ["gzip, deflate, br, zstd", "br"],
    ["gzip, br;q=0", "gzip"],
    ["gzip", "gzip"],
    ["*", "br"],
    ["zstd", undefined],
    ["identity", undefined],
    ["", undefined],
  ] as const) {
    const { status, rawHeaders: headers, body } = await ask("page.js", accept);
    expect([accept, status, headers["content-encoding"], headers.vary]).toEqual([
      accept,
      200,
      encoding,
      "Accept-Encoding",
    ]);
    expect(headers["content-type"]).toBe("text/javascript; charset=utf-8");
    expect(headers["cache-control"]).toContain("immutable");
    expect((encoding ? unpack[encoding](body) : body).toString()).toBe(text);
    if (encoding) expect(body.length).toBeLessThan(text.length / 10);
  }
  const bare = await ask("bare.js", "br, gzip");
  expect([bare.rawHeaders["content-encoding"], bare.body.toString()]).toEqual([undefined, text]);
  const head = await ask("page.js", "br", "HEAD");
  expect([head.rawHeaders["content-encoding"], head.body.length]).toEqual(["br", 0]);
  const gone = await ask("gone.js", "br");
  expect([gone.status, gone.rawHeaders["content-encoding"]]).toEqual([404, undefined]);
});

test("the page is served as it was built last, and said to be missing where it was not built", async ({
  folder,
  onTestFinished,
}) => {
  const url = await served(folder, onTestFinished);

  const missing = await fetch(`${url}/`);
  expect(missing.status).toBe(404);
  expect(await missing.text()).toContain("the page is not built");

  for (const name of ["first.js", "second.js"]) {
    await build(folder, name);
    for (const place of ["/", "/start"]) {
      expect(await (await fetch(url + place)).text()).toBe(
        `<base href="/mount/"><script src="assets/${name}">`,
      );
    }
    expect((await fetch(`${url}/assets/${name}`)).status).toBe(200);
  }
});

test("a workflow's page asks for its state at once, but where a token is needed: it says so instead", async ({
  folder,
  onTestFinished,
}) => {
  await build(folder, "page.js");
  const headAt = async (gate: Gate) => {
    const url = await served(folder, onTestFinished, gate);
    const html = await (await fetch(`${url}/w/a%22%3E%26b`)).text();
    return html.slice(0, html.indexOf("<script"));
  };
  expect(await headAt(OPEN_GATE)).toBe(
    `<base href="/mount/">
    <link rel="preload" as="fetch" crossorigin href="workflow/state?workflow_id=a%22%3E%26b">`,
  );
  expect(await headAt({ ...OPEN_GATE, takesTokenless: false } as Gate)).toBe(
    '<base href="/mount/" data-closed>',
  );
});
