/** In a server of somebody else, without a word of where: a socket is taken where a call is, and nowhere else. */
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import express, { type RequestHandler } from "express";
import { describe, expect, onTestFinished } from "vitest";
import { WebSocketServer } from "ws";
import type { Middleware } from "../../../server/server.js";
import { requestText, sendRaw, upgradeText } from "../../support/links/rawHttp.js";
import { liveTest } from "../../support/servers/liveServer.js";

const LIVE = "/workflow/live";
const COOKIE = "Cookie: signed=in";

async function listening(server: Server): Promise<number> {
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  });
  return (server.address() as AddressInfo).port;
}

const socketAt = async (port: number, mount: string, headers: readonly string[] = []) => {
  const all = [`Host: 127.0.0.1:${port}`, "Sec-WebSocket-Protocol: instep.v1", ...headers];
  return (await sendRaw(port, upgradeText(mount + LIVE, all))).status === 101;
};

const callAt = async (port: number, mount: string, headers: readonly string[] = []) => {
  const all = [`Host: 127.0.0.1:${port}`, ...headers];
  return (await sendRaw(port, requestText("GET", `${mount}/workflow/state`, all))).status === 200;
};

const signedIn: RequestHandler = (request, response, next) => {
  if (request.headers.cookie === undefined) response.status(401).send("who are you?");
  else next();
};

const afterAWhile: RequestHandler = async (_request, _response, next) => {
  await new Promise((resolve) => setImmediate(resolve));
  next();
};

/** As people write it who have a socket below every call. */
const usesTheLink: RequestHandler = async (request, response, next) => {
  await new Promise((resolve) => setImmediate(resolve));
  request.socket.setKeepAlive(true);
  request.setTimeout(60_000);
  response.socket?.setTimeout(60_000);
  (response.socket as Socket).setNoDelay(true);
  next();
};

const under =
  (prefix: string, app: RequestListener): RequestListener =>
  (request, response) => {
    if (!request.url?.startsWith(`${prefix}/`)) return void response.writeHead(404).end("no");
    request.url = request.url.slice(prefix.length);
    app(request, response);
  };

/** Ways in which a host may lead to the router, and the mounts at which it does. */
const HOSTS: Record<string, [(router: () => Middleware) => RequestListener, string[], string[]?]> =
  {
    "at the root": [(router) => express().use(router()), [""]],
    "at one path": [(router) => express().use("/instep", router()), ["/instep"]],
    "at two paths": [(router) => express().use(["/a", "/b"], router()), ["/a", "/b"]],
    "with a router for each of two paths": [
      (router) => express().use("/a", router()).use("/b", router()),
      ["/a", "/b"],
    ],
    "below another app": [
      (router) => express().use("/a", express().use("/instep", router())),
      ["/a/instep"],
    ],
    "at a path with a name in it": [
      (router) => express().use("/of/:team", router()),
      ["/of/a", "/of/instep"],
    ],
    "behind something that takes a prefix away": [
      (router) => under("/instep", express().use(router())),
      ["/instep"],
    ],
    "behind something that takes its time": [
      (router) => express().use("/instep", afterAWhile, router()),
      ["/instep"],
    ],
    "behind something that uses the socket of each call": [
      (router) => express().use("/instep", usesTheLink, router()),
      ["/instep"],
    ],
    "for those who are signed in": [
      (router) => express().use("/instep", signedIn, router()),
      ["/instep"],
      [COOKIE],
    ],
  };

/** Ways in which a host may answer a call by itself, and not be done with it. */
const ANSWERS: Record<string, RequestListener> = {
  "begins a stream without an end": (_request, response) => {
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    response.write(": hello\n\n");
  },
  "sends its head first": (_request, response) => response.writeHead(200).flushHeaders(),
  "hangs up": (request) => request.socket.destroy(),
  "hangs up with an error": (request) => request.destroy(new Error("go away")),
  "writes to the socket by hand": (request) => {
    request.socket.write("HTTP/1.1 403 Forbidden\r\n\r\n");
    request.socket.end();
  },
};

const ELSEWHERE = ["", "/instep", "/a", "/b", "/other", "/instep/instep", "/a/instep", "/of/a"];

describe("a router", () => {
  for (const [how, [hostOf, mounts, headers]] of Object.entries(HOSTS)) {
    liveTest(`a router ${how} has its sockets where it has its calls`, async ({ serve }) => {
      const { instep } = await serve();
      const host = createServer(hostOf(() => instep.router()));
      instep.attach(host);
      const port = await listening(host);
      const all = [...new Set([...ELSEWHERE, ...mounts])];
      const taken: string[] = [];
      for (const mount of all) {
        // The socket first: a call before it must not be what makes it work.
        const isTaken = await socketAt(port, mount, headers);
        expect([mount, isTaken]).toEqual([mount, await callAt(port, mount, headers)]);
        if (isTaken) taken.push(mount);
      }
      expect(taken.sort()).toEqual(expect.arrayContaining([...mounts].sort()));
      expect(await socketAt(port, mounts[0]!)).toBe(await callAt(port, mounts[0]!));
    });
  }

  liveTest("a router that is mounted after `attach` is found, too", async ({ serve }) => {
    const { instep } = await serve();
    const app = express();
    const host = createServer(app);
    instep.attach(host);
    const port = await listening(host);
    expect(await socketAt(port, "/late")).toBe(false);
    app.use("/late", instep.router());
    expect(await socketAt(port, "/late")).toBe(true);
  });

  liveTest(
    "a router that the host takes too long to lead to is not waited for",
    async ({ serve }) => {
      const { instep, clock } = await serve();
      const host = createServer((_request, _response) => clock.advance(5_000));
      instep.router();
      instep.attach(host);
      const port = await listening(host);
      expect(await socketAt(port, "/instep")).toBe(false);
    },
  );

  for (const [how, answer] of Object.entries(ANSWERS)) {
    liveTest(`a router is not waited for where the host ${how}`, async ({ serve }) => {
      const { instep } = await serve();
      instep.router();
      const host = createServer((request, response) => answer(request, response));
      instep.attach(host);
      const port = await listening(host);
      expect(await socketAt(port, "/instep")).toBe(false);
    });
  }

  liveTest("a router ends what the host began for a call, and tells it once", async ({ serve }) => {
    const { instep } = await serve();
    const seen: string[] = [];
    const host = createServer(
      express()
        .use((request, response, next) => {
          request.on("close", () => seen.push("request"));
          response.on("finish", () => seen.push("answered"));
          response.on("close", () => seen.push("response"));
          next();
        })
        .use("/instep", instep.router()),
    );
    instep.attach(host);
    const port = await listening(host);
    expect(await socketAt(port, "/instep")).toBe(true);
    await expect.poll(() => seen.sort()).toEqual(["request", "response"]);
    expect(await socketAt(port, "/other")).toBe(false);
    await expect
      .poll(() => seen.sort())
      .toEqual(["answered", "request", "request", "response", "response"]);
  });

  liveTest("a router is not looked for more than 200 times at once", async ({ serve }) => {
    const { instep, clock } = await serve();
    const app = express();
    let waiting = 0;
    app.use("/slow", () => void waiting++);
    const host = createServer(app.use("/instep", instep.router()));
    instep.attach(host);
    const port = await listening(host);
    const open = (mount: string) =>
      sendRaw(port, upgradeText(mount + LIVE, [`Host: 127.0.0.1:${port}`]));
    const slow = Array.from({ length: 200 }, () => open("/slow"));
    await expect.poll(() => waiting).toBe(200);
    const { status, body } = await open("/instep");
    expect([status, JSON.parse(body).code]).toEqual([429, "too_many"]);
    clock.advance(5_000);
    expect(new Set((await Promise.all(slow)).map((one) => one.status))).toEqual(new Set([404]));
    expect(await socketAt(port, "/instep")).toBe(true);
  });

  liveTest(
    "a router leaves an upgrade that is not led to it to the listeners beside it",
    async ({ serve }) => {
      const { instep } = await serve();
      for (const between of [[], [afterAWhile]]) {
        const app = express().use("/instep", instep.router());
        const host = createServer(express().use(...between, app));
        const theirs = new WebSocketServer({ server: host, path: `/theirs${LIVE}` });
        theirs.on("connection", (socket) => socket.close());
        instep.attach(host);
        const port = await listening(host);
        expect(await socketAt(port, "/theirs")).toBe(true);
        expect(await socketAt(port, "/instep")).toBe(true);
        const nobodys = upgradeText(`/no${LIVE}`, [`Host: 127.0.0.1:${port}`]);
        expect((await sendRaw(port, nobodys)).status).toBe(400);
        theirs.close();
      }
    },
  );

  liveTest(
    "a router refuses an upgrade that is not led to it where nobody else is there",
    async ({ serve }) => {
      const { instep } = await serve();
      const host = createServer(express().use("/instep", instep.router()));
      instep.attach(host);
      const port = await listening(host);
      for (const path of [LIVE, `/other${LIVE}`, "/anything"]) {
        const { status, body } = await sendRaw(
          port,
          upgradeText(path, [`Host: 127.0.0.1:${port}`]),
        );
        expect([path, status, JSON.parse(body).code]).toEqual([path, 404, "not_found"]);
      }
    },
  );

  liveTest("a router of a server with a port of its own is at its root only", async ({ serve }) => {
    const { port } = await serve();
    for (const mount of ["/instep", "/a/b", "//"]) {
      expect([mount, await socketAt(port, mount)]).toEqual([mount, false]);
    }
    expect(await socketAt(port, "")).toBe(true);
  });
});
