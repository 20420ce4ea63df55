/** Calls that have begun and never end, when Instep ends inside a program that goes on: those of Instep end with it, those of the program do not. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { expect } from "vitest";
import { createInstep, type Instep } from "../../../server/server.js";
import { until, within } from "../../support/deadline.js";
import { folderTest } from "../../support/disks/temporaryFolder.js";

/** Says what came, once all of it has come; at `/stop` it ends Instep before it answers. */
const hostsOwn = (instep: Instep) => (request: IncomingMessage, response: ServerResponse) => {
  let body = "";
  request.on("data", (bytes) => {
    body += bytes;
  });
  request.on("end", async () => {
    if (request.url === "/stop") await instep.close();
    response.end(`the host has ${body}`);
  });
};

const PROGRAMS: Readonly<Record<string, (instep: Instep) => Promise<Server>>> = {
  "node:http": async (instep) => {
    const own = hostsOwn(instep);
    return createServer((request, response) => {
      instep.handler(request, response, () => own(request, response));
    });
  },
  Express: async (instep) => {
    const { default: express } = await import("express");
    return createServer(express().use(instep.router()).use(hostsOwn(instep)));
  },
  Fastify: async (instep) => {
    const { fastify } = await import("fastify");
    const app = fastify();
    app.addHook("onRequest", ({ raw }, reply, done) => {
      instep.handler(raw, reply.raw, () => done());
    });
    app.post("/own", ({ body }) => `the host has ${body}`);
    app.post("/stop", async ({ body }) => {
      await instep.close();
      return `the host has ${body}`;
    });
    await app.ready();
    return app.server;
  },
};

const test = folderTest.extend<{ run: (name: string) => Promise<[Instep, Server]> }>({
  run: async ({ folder }, use) => {
    const ends: (() => Promise<unknown>)[] = [];
    await use(async (name) => {
      const instep = await createInstep({ dataDir: folder });
      const server = await PROGRAMS[name]!(instep);
      await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
      ends.push(() => instep.close());
      ends.push(() => new Promise((done) => server.close(done).closeAllConnections()));
      return [instep, server];
    });
    for (const end of ends) await end();
  },
});

/** A call of which 4 of its 8 bytes are sent, once the program has heard of it. */
async function halfSent(server: Server, path: string, type: string) {
  const heard = new Promise((resolve) => server.once("request", resolve));
  const { port } = server.address() as AddressInfo;
  const socket = connect(port, "127.0.0.1");
  const call = { socket, text: "", isClosed: false };
  socket.setEncoding("utf8").on("data", (text) => {
    call.text += text;
  });
  socket.on("error", () => {}); // "close" always follows.
  socket.once("close", () => {
    call.isClosed = true;
  });
  socket.write(
    `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Type: ${type}\r\nContent-Length: 8\r\n\r\n{"a"`,
  );
  await within(heard, () => `the program to hear of ${path}`);
  return call;
}

for (const name of Object.keys(PROGRAMS)) {
  test(`inside ${name} a call that never ends is refused at the end of Instep, and one of the program goes on`, async ({
    run,
  }) => {
    const [instep, server] = await run(name);
    const ours = await halfSent(server, "/workflow/state", "application/json");
    const output = await halfSent(server, "/workflow/state/steps/0/log", "text/plain");
    const refused = await halfSent(server, "/workflow/state", "text/css");
    await until(() => refused.text.includes("not_json"), "it is refused before it has come");
    const theirs = await halfSent(server, "/own", "text/plain");
    await within(instep.close(), () => "Instep to close");
    const all = [ours, output, refused];
    await until(() => all.every(({ isClosed }) => isClosed), "our calls are over");
    for (const { text } of [ours, output]) {
      expect(text).toMatch(/^HTTP\/1\.1 503 /);
      expect(text).toContain("shutting_down");
    }
    theirs.socket.write(":1}\n");
    await until(() => theirs.text.includes('the host has {"a":1}'), "the program answers its own");
  });

  test(`inside ${name} a call of the program may end Instep, and is answered then`, async ({
    run,
  }) => {
    const [, server] = await run(name);
    const stop = await halfSent(server, "/stop", "text/plain");
    stop.socket.write(":1}\n");
    await until(() => stop.text.includes('the host has {"a":1}'), "the program answers its own");
    expect(stop.text).toMatch(/^HTTP\/1\.1 200 /);
  });
}
