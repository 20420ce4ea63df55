/** Instep mounted behind body parsers of the program around it: what comes is kept exactly, or refused with what to mend. */
import { once } from "node:events";
import { createServer, request as httpRequest, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import express, { type RequestHandler } from "express";
import { describe, expect } from "vitest";
import { createInstep, type Instep } from "../../../server/server.js";
import { call } from "../../support/links/rest.js";
import { liveTest } from "../../support/servers/liveServer.js";

interface Host {
  readonly url: string;
  readonly port: number;
}

const test = liveTest.extend<{ host: (...before: RequestHandler[]) => Promise<Host> }>({
  host: async ({ folder }, use) => {
    const started: { instep: Instep; server: Server }[] = [];
    await use(async (...before) => {
      const instep = await createInstep({ dataDir: `${folder}/host-${started.length}` });
      const app = express();
      for (const one of before) app.use(one);
      app.use("/mounted", instep.router());
      const server = createServer(app).listen(0, "127.0.0.1");
      started.push({ instep, server });
      await once(server, "listening");
      const { port } = server.address() as AddressInfo;
      return { port, url: `http://127.0.0.1:${port}/mounted` };
    });
    for (const { instep, server } of started) {
      await instep.close();
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    }
  },
});

const TEXT = { "Content-Type": "text/plain" };
const LOG = "/workflow/state/steps/0/log";

async function ready({ url }: Host): Promise<void> {
  const body = { workflow_id: "w", steps: [{ action: "a" }] };
  const saved = await call(`${url}/workflow/state`, "POST", { body });
  if (saved.status !== 200) throw new Error(saved.text);
}

/** Acknowledged bytes must be there; bytes that are not there must have been refused. */
async function appended({ url }: Host, bytes: Buffer, headers: Record<string, string> = TEXT) {
  const before = await read(url);
  const answer = await call(`${url}${LOG}`, "POST", { body: bytes, headers });
  const after = await read(url);
  const isKept = after.equals(Buffer.concat([before, bytes]));
  expect([answer.status === 200, isKept, answer.text]).toEqual([isKept, isKept, answer.text]);
  return answer;
}

async function read(url: string): Promise<Buffer> {
  return Buffer.from(await (await fetch(`${url}${LOG}`)).arrayBuffer());
}

const PARSERS: readonly (readonly [string, readonly RequestHandler[]])[] = [
  ["no parser", []],
  ["express.json()", [express.json()]],
  ["express.json() and express.text()", [express.json(), express.text()]],
  ["express.raw()", [express.raw(), express.raw({ type: "text/plain" })]],
  ["express.text() for everything", [express.text({ type: "*/*" })]],
  ["express.raw() for everything", [express.raw({ type: () => true })]],
  ["express.urlencoded()", [express.urlencoded({ extended: true })]],
  ["all of them", [express.json(), express.urlencoded(), express.text(), express.raw()]],
];

const OUTPUTS: readonly (readonly [string, Buffer])[] = [
  ["a line", Buffer.from("a line\n")],
  ["text of every kind", Buffer.from("ä€😀 \u0000\r\n")],
  ["what is no UTF-8", Buffer.from([0xff, 0xfe, 0x61])],
  ["half a character", Buffer.from([0xf0, 0x9f, 0x98, 0x61, 0xc3])],
  ["a mark at the start", Buffer.from("\ufeffmarked\n")],
  ["what stands for lost bytes", Buffer.from("\ufffd\n")],
];

describe("output", () => {
  test.for(PARSERS)(
    "output behind %s is kept to the byte or refused",
    async ([, parsers], { host }) => {
      const at = await host(...parsers);
      await ready(at);
      for (const [, bytes] of OUTPUTS) await appended(at, bytes);
      const octets = { "Content-Type": "application/octet-stream" };
      for (const [, bytes] of OUTPUTS) await appended(at, bytes, octets);
      for (const charset of ["utf-8", "iso-8859-1", "utf-16le"])
        await appended(at, Buffer.from("äb\n"), {
          "Content-Type": `text/plain; charset=${charset}`,
        });
    },
  );

  test("output behind express.text() is kept where no byte was lost", async ({ host }) => {
    const at = await host(express.text());
    await ready(at);
    expect((await appended(at, Buffer.from("a line, ä€😀\n"))).status).toBe(200);
    const refused = await appended(at, Buffer.from([0xff, 0x0a]));
    expect([refused.status, refused.body.code]).toEqual([500, "internal"]);
    expect(refused.body.message).toContain("mount Instep's router before it");
  });

  test("output that a parser made an object of is refused", async ({ host }) => {
    const at = await host(express.json({ type: "text/plain", strict: false }));
    await ready(at);
    const refused = await appended(at, Buffer.from('{"a":1}'));
    expect([refused.status, refused.body.code]).toEqual([500, "internal"]);
  });

  test("output that somebody has read and thrown away is refused", async ({ host }) => {
    const drain: RequestHandler = (request, _response, next) => {
      request.resume();
      request.once("end", () => next());
    };
    const first: RequestHandler = (request, _response, next) => {
      if (request.headers["x-first"] === undefined) next();
      else request.once("data", () => setImmediate(next));
    };
    const at = await host((request, response, next) =>
      request.path.endsWith("/log") && request.headers["x-first"] === undefined
        ? drain(request, response, next)
        : first(request, response, next),
    );
    await ready(at);
    expect((await appended(at, Buffer.from("a line\n"))).status).toBe(500);
    // In pieces without a length, of which somebody took the first.
    const answer = await inPieces(at, { ...TEXT, "X-First": "1" }, ["first ", "second\n"]);
    expect(answer).toBe(500);
    expect((await read(at.url)).toString()).toBe("");
  });

  test("output that comes as text is refused with what to mend", async ({ host }) => {
    let encoding: BufferEncoding | null = null;
    const at = await host((request, _response, next) => {
      if (encoding !== null) request.setEncoding(encoding);
      next();
    });
    await ready(at);
    for (encoding of ["latin1", "utf8", "hex"] as const) {
      const refused = await appended(at, Buffer.from("a line\n"));
      expect([encoding, refused.status, refused.body.code]).toEqual([encoding, 500, "internal"]);
      expect(refused.body.message).toMatch(/setEncoding.*mount Instep's router before it/);
      const state = await call(`${at.url}/workflow/state`, "PATCH", { body: { name: "n" } });
      expect([encoding, state.status, state.body.code]).toEqual([encoding, 500, "internal"]);
      expect((await call(`${at.url}/workflow/state`, "GET")).body.revision).toBe(1);
    }
  });

  test("output over the limit is refused, whoever read it", async ({ host }) => {
    const at = await host(express.text({ limit: "4mb" }), express.raw({ limit: "4mb" }));
    await ready(at);
    expect((await appended(at, Buffer.alloc(1_100_000, "x"))).body.code).toBe("too_large");
    const octets = { "Content-Type": "application/octet-stream" };
    expect((await appended(at, Buffer.alloc(1_100_000, "x"), octets)).body.code).toBe("too_large");
  });
});

describe("a state", () => {
  test.for(PARSERS)("a state behind %s is kept", async ([, parsers], { host }) => {
    const at = await host(...parsers);
    await ready(at);
    const body = { workflow_id: "w", steps: [{ action: "a" }], text: "ä€😀", n: 1.5 };
    const saved = await call(`${at.url}/workflow/state`, "POST", { body });
    expect([saved.status, saved.text]).toEqual([200, saved.text]);
    expect((await call(`${at.url}/workflow/state`, "GET")).body.state).toMatchObject(body);
    expect((await call(`${at.url}/workflow/state`, "DELETE")).status).toBe(200);
  });

  test.for(PARSERS)("a state behind %s is not changed silently", async ([, parsers], { host }) => {
    const at = await host(...parsers);
    await ready(at);
    for (const body of [
      '{"n":12345678901234567890}',
      '{"n":1e400}',
      '{"a":"\\ud800"}',
      "nonsense",
    ]) {
      const answer = await call(`${at.url}/workflow/state`, "PATCH", { body });
      expect([body, answer.status]).toEqual([body, 400]);
    }
    expect((await call(`${at.url}/workflow/state`, "GET")).body.revision).toBe(1);
  });

  test("a state behind express.json() stays within its limit", async ({ host }) => {
    const at = await host(express.json({ limit: "4mb" }));
    await ready(at);
    let refused = 0;
    for (let n = 0; n < 6; n++) {
      const body = { [`part ${n}`]: "x".repeat(300_000) };
      const answer = await call(`${at.url}/workflow/state`, "PATCH", { body });
      if (answer.status !== 200) refused += 1;
    }
    expect(refused).toBe(3);
    const body = { name: "x".repeat(1_100_000) };
    expect((await call(`${at.url}/workflow/state`, "PATCH", { body })).status).toBe(413);
  });

  test("a state is read from an address that the program parses in its own way", async ({
    folder,
  }) => {
    const instep = await createInstep({ dataDir: `${folder}/own` });
    const app = express();
    app.set("query parser", false);
    app.use("/mounted", instep.router());
    const server = createServer(app).listen(0, "127.0.0.1");
    await once(server, "listening");
    const state = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mounted/workflow/state`;
    for (const workflow_id of ["a", "b"]) await call(state, "POST", { body: { workflow_id } });
    expect((await call(`${state}?workflow_id=a`, "DELETE")).status).toBe(200);
    const { state: left } = (await call(state, "GET")).body;
    expect(left.workflow_id).toBe("b");
    expect((await call(`${state}?workflow_id=a`, "GET")).body.state).toBeNull();
    await instep.close();
    server.close();
  });
});

async function inPieces(
  { port }: Host,
  headers: Record<string, string>,
  pieces: readonly string[],
): Promise<number> {
  const path = `/mounted${LOG}`;
  const sent = httpRequest({ port, host: "127.0.0.1", method: "POST", path, headers });
  for (const piece of pieces) sent.write(piece);
  sent.end();
  const [answer] = await once(sent, "response");
  answer.resume();
  return answer.statusCode;
}
