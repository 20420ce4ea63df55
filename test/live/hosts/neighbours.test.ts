/** Instep beside others on one server: a second Instep, Socket.IO, a WebSocketServer of the host's own. Each has what is its own. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { createInstep, type Instep } from "../../../server/server.js";
import { within } from "../../support/deadline.js";
import { folderTest } from "../../support/disks/temporaryFolder.js";
import { RawTab } from "../../support/links/rawTab.js";
import { call } from "../../support/links/rest.js";

interface World {
  readonly server: Server;
  /** An Instep that is told its path, with its own folder. */
  instepAt(basePath: string): Promise<Instep>;
  /** Begins to listen; the origin. */
  listen(): Promise<string>;
}

const test = folderTest.extend<{ world: World }>({
  world: async ({ folder }, use) => {
    const all: Instep[] = [];
    const server = createServer();
    await use({
      server,
      instepAt: async (basePath) => {
        const instep = await createInstep({ dataDir: `${folder}/${all.length}`, basePath });
        all.push(instep);
        return instep;
      },
      listen: async () => {
        await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
        return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      },
    });
    for (const instep of all) await instep.close();
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  },
});

const liveAt = (url: string): string => `${url.replace("http", "ws")}/workflow/live`;

/** What is saved by REST there is heard by socket there. */
async function lives(url: string, workflow_id: string): Promise<void> {
  const { tab } = await RawTab.open(liveAt(url));
  tab.subscribe("*");
  await tab.take("snapshot");
  const saved = await call(`${url}/workflow/state`, "POST", {
    body: { workflow_id, steps: [{ action: "a" }] },
  });
  expect(saved.status).toBe(200);
  expect(JSON.stringify((await tab.take("changed")).patch)).toContain(workflow_id);
  tab.drop();
}

test("two Insteps on one server each have their own calls, pages and sockets", async ({
  world,
}) => {
  const [one, other] = [await world.instepAt("/one"), await world.instepAt("/one/more")];
  world.server.on("request", (request, response) => {
    other.handler(request, response, () => one.handler(request, response));
  });
  one.attach(world.server);
  other.attach(world.server);
  const origin = await world.listen();
  await lives(`${origin}/one`, "first");
  await lives(`${origin}/one/more`, "second");
  for (const [base, id] of [
    ["/one", "first"],
    ["/one/more", "second"],
  ]) {
    const { workflows } = (await call(`${origin}${base}/workflows`, "GET")).body;
    expect(workflows.map(({ workflow_id }) => workflow_id)).toEqual([id]);
    const page = await call(`${origin}${base}/`, "GET");
    expect(page.text).toContain(`<base href="${base}/"`);
  }
  const foreign = await call(`${origin}/nowhere`, "GET");
  expect([foreign.status, foreign.body.message]).toEqual([
    404,
    "there is nothing at this path: Instep is at `/one/`",
  ]);
});

test("Socket.IO on the same server has its own clients, and Instep its own", async ({ world }) => {
  const instep = await world.instepAt("/x/y");
  const { Server: SocketIo } = await import("socket.io");
  world.server.on("request", (request, response) => {
    if (!request.url?.startsWith("/socket.io/")) instep.handler(request, response);
  });
  const io = new SocketIo(world.server);
  instep.attach(world.server);
  const origin = await world.listen();
  const greeted = new Promise<void>((resolve) => io.once("connection", () => resolve()));

  const theirs = new WebSocket(
    `${origin.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`,
  );
  theirs.once("message", () => theirs.send("40")); // Its own hello, as its protocol has it.
  await within(greeted, () => "Socket.IO to have a client");
  await lives(`${origin}/x/y`, "w");
  expect((await fetch(`${origin}/socket.io/?EIO=4&transport=polling`)).status).toBe(200);
  expect(theirs.readyState).toBe(WebSocket.OPEN);
  theirs.terminate();
  await io.close();
});

test("a WebSocketServer for a path of the host's lives beside Instep, whichever comes first", async ({
  world,
}) => {
  const [first, last] = [await world.instepAt("/first"), await world.instepAt("/last")];
  world.server.on("request", (request, response) => {
    first.handler(request, response, () => last.handler(request, response));
  });
  first.attach(world.server);
  const own = new WebSocketServer({ server: world.server, path: "/own" });
  own.on("connection", (socket) => socket.send("the host's own"));
  last.attach(world.server);
  const origin = await world.listen();

  const heard = new Promise<string>((resolve, reject) => {
    const socket = new WebSocket(`${origin.replace("http", "ws")}/own`);
    socket.once("error", reject);
    socket.once("message", (data) => resolve(String(data)));
  });
  expect(await within(heard, () => "the host's own socket")).toBe("the host's own");
  await lives(`${origin}/first`, "f");
  await lives(`${origin}/last`, "l");
  for (const socket of own.clients) socket.terminate();
  own.close();
});
