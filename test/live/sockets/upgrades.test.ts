/** The WebSocket door: what it takes, what it refuses with a plain HTTP answer, and how many it lets in. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { within } from "../../support/deadline.js";
import { type RawAnswer, requestText, sendRaw, upgradeText } from "../../support/links/rawHttp.js";
import { RawTab } from "../../support/links/rawTab.js";
import { type LiveServer, liveTest } from "../../support/servers/liveServer.js";

const LIVE = "/workflow/live";
const PROTOCOL = "Sec-WebSocket-Protocol: instep.v1";

/** An offer to speak HTTP/2, which a server may pass over. */
const H2C = ["Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA"];

const hostOf = ({ port }: { port: number }) => `Host: 127.0.0.1:${port}`;
const refusal = ({ status, body }: RawAnswer) => [status, JSON.parse(body).code];

const upgrade = (server: LiveServer, path: string, headers: readonly string[] = [PROTOCOL]) =>
  sendRaw(server.port, upgradeText(path, [hostOf(server), ...headers]));

describe("an upgrade", () => {
  liveTest(
    "an upgrade speaks instep.v1, and nothing else of what was offered",
    async ({ serve }) => {
      const server = await serve();
      const { head } = await upgrade(server, LIVE, ["Sec-WebSocket-Protocol: other, instep.v1"]);
      expect(head).toMatch(/^HTTP\/1\.1 101 /);
      expect(head).toMatch(/sec-websocket-protocol: instep\.v1\r?$/im);
    },
  );

  liveTest("an upgrade is not compressed, whatever was offered", async ({ serve }) => {
    const server = await serve();
    const offered = [PROTOCOL, "Sec-WebSocket-Extensions: permessage-deflate"];
    const { head } = await upgrade(server, LIVE, offered);
    expect(head).toMatch(/^HTTP\/1\.1 101 /);
    expect(head).not.toMatch(/sec-websocket-extensions/i);
  });

  liveTest("an upgrade without that subprotocol is told which one it needs", async ({ serve }) => {
    const server = await serve();
    for (const headers of [[], ["Sec-WebSocket-Protocol: instep.v2"]]) {
      expect(refusal(await upgrade(server, LIVE, headers))).toEqual([426, "upgrade_required"]);
    }
  });

  liveTest("an upgrade is what a plain request to its path is told to be", async ({ serve }) => {
    const server = await serve();
    const answer = await sendRaw(server.port, requestText("GET", LIVE, [hostOf(server)]));
    expect(refusal(answer)).toEqual([426, "upgrade_required"]);
  });

  liveTest(
    "an upgrade to another path is refused by a server that owns the port",
    async ({ serve }) => {
      const server = await serve();
      for (const path of ["/", "/other", "/workflow/live/", "/workflow/liver", "/workflow"]) {
        expect([path, ...refusal(await upgrade(server, path))]).toEqual([path, 404, "not_found"]);
      }
    },
  );

  liveTest(
    "an upgrade with a broken handshake gets an answer, and the next one is served",
    async ({ serve }) => {
      const server = await serve();
      const broken = upgradeText(LIVE, [hostOf(server), PROTOCOL]);
      for (const text of [
        broken.replace("Version: 13", "Version: 7"),
        broken.replace(/Sec-WebSocket-Key: .*\r\n/, "Sec-WebSocket-Key: short\r\n"),
        broken.replace(/Sec-WebSocket-Key: .*\r\n/, ""),
        broken.replace("GET", "POST"),
      ]) {
        const { status } = await sendRaw(server.port, text);
        expect([400, 405, 426]).toContain(status);
      }
      expect((await upgrade(server, LIVE)).status).toBe(101);
    },
  );

  liveTest(
    "a call that offers another protocol, as Java does with h2c, is answered as a plain one",
    async ({ serve }) => {
      const server = await serve();
      const offer = [hostOf(server), "Connection: Upgrade, HTTP2-Settings, close", ...H2C];
      const body = JSON.stringify({ workflow_id: "offered", steps: [{ action: "a" }] });
      const typed = ["Content-Type: application/json", `Content-Length: ${body.length}`];
      const head = ["POST /workflow/state HTTP/1.1", ...offer, ...typed, "", ""].join("\r\n");
      const saved = await sendRaw(server.port, head + body);
      expect([saved.status, JSON.parse(saved.body).workflow_id]).toEqual([200, "offered"]);
      const asked = [`GET ${LIVE} HTTP/1.1`, ...offer, "", ""].join("\r\n");
      expect(refusal(await sendRaw(server.port, asked))).toEqual([426, "upgrade_required"]);
    },
  );

  liveTest(
    "an upgrade over the limit is refused, and the sockets before it live on",
    async ({ serve }) => {
      const server = await serve({ limits: { sockets: 2 } });
      const tabs = [await server.openTab(), await server.openTab()];
      const refused = await upgrade(server, LIVE);
      expect(refusal(refused)).toEqual([429, "too_many"]);
      expect(refused.head).toMatch(/retry-after: \d+/i);
      for (const tab of tabs) expect(await tab.rest()).toEqual([]);
      tabs[0]!.socket.close();
      await tabs[0]!.closed;
      await server.openTab();
    },
  );
});

describe("an Instep inside a server of somebody else", () => {
  const listening = async (server: Server) => {
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    return (server.address() as AddressInfo).port;
  };
  const closed = (server: Server) => {
    server.closeAllConnections();
    return new Promise((done) => server.close(done));
  };

  liveTest("other paths are left to others", async ({ serve }) => {
    const { instep } = await serve();
    const foreign = createServer((_request, response) => response.end("theirs"));
    const theirs = new WebSocketServer({ noServer: true });
    const detach = instep.attach(foreign);
    foreign.on("upgrade", (request, socket, head) => {
      if (request.url !== "/theirs") return;
      theirs.handleUpgrade(request, socket, head, (accepted) => accepted.send("theirs"));
    });
    const port = await listening(foreign);

    const { tab } = await RawTab.open(`ws://127.0.0.1:${port}${LIVE}`);
    const other = new WebSocket(`ws://127.0.0.1:${port}/theirs`);
    const heard = new Promise((resolve) => other.once("message", (data) => resolve(`${data}`)));
    expect(await within(heard, () => "their greeting")).toBe("theirs");
    expect(await tab.rest()).toEqual([]);

    detach();
    expect(foreign.listenerCount("upgrade")).toBe(1);
    other.terminate();
    tab.drop();
    await closed(foreign);
  });

  liveTest(
    "a mount is matched whole, and without one or a router it is the root",
    async ({ serve }) => {
      const { instep } = await serve();
      for (const [mount, path, ours] of [
        ["/instep", `/instep${LIVE}`, true],
        ["/instep/", `/instep${LIVE}?x=1`, true],
        ["/instep", LIVE, false],
        ["/instep", `/other/instep${LIVE}`, false],
        [undefined, LIVE, true],
        [undefined, `/any/where${LIVE}`, false],
        [undefined, `${LIVE}/more`, false],
      ] as const) {
        const foreign = createServer();
        instep.attach(foreign, mount === undefined ? {} : { mount });
        foreign.on("upgrade", (_request, socket) => {
          if (!ours) socket.end("HTTP/1.1 418 Theirs\r\n\r\n");
        });
        const port = await listening(foreign);
        const { status } = await sendRaw(port, upgradeText(path, [hostOf({ port }), PROTOCOL]));
        expect([mount, path, status]).toEqual([mount, path, ours ? 101 : 418]);
        await closed(foreign);
      }
    },
  );

  /** As in every guide: a server of sockets for one path, which refuses all others with 400. */
  const besides = (server: Server) => {
    const theirs = new WebSocketServer({ server, path: "/theirs" });
    theirs.on("connection", (socket) => socket.send("theirs"));
    return theirs;
  };
  const bothWork = async (port: number) => {
    const { tab } = await RawTab.open(`ws://127.0.0.1:${port}${LIVE}`);
    tab.send({ type: "ping" });
    await tab.take("pong");
    const other = new WebSocket(`ws://127.0.0.1:${port}/theirs`);
    const heard = new Promise((resolve) => other.once("message", (data) => resolve(`${data}`)));
    expect(await within(heard, () => "their greeting")).toBe("theirs");
    expect(await tab.rest()).toEqual([]);
    other.terminate();
    tab.drop();
    const { status } = await sendRaw(port, upgradeText("/unknown", [hostOf({ port }), PROTOCOL]));
    expect(status).toBe(400);
  };

  liveTest.for([
    ["before", true],
    ["after", false],
  ] as const)(
    "a WebSocketServer that came %s it goes on working, and so does ours",
    async ([, first], { serve }) => {
      const { instep } = await serve();
      const foreign = createServer();
      const early = first ? besides(foreign) : null;
      const detach = instep.attach(foreign);
      const theirs = early ?? besides(foreign);
      const port = await listening(foreign);
      await bothWork(port);
      // Refusals are ours alone, too.
      const refused = await sendRaw(port, upgradeText(LIVE, [hostOf({ port })]));
      expect(refusal(refused)).toEqual([426, "upgrade_required"]);

      detach();
      const { status } = await sendRaw(port, upgradeText(LIVE, [hostOf({ port }), PROTOCOL]));
      expect(status).toBe(400);
      instep.attach(foreign);
      await bothWork(port);
      theirs.close();
      await closed(foreign);
    },
  );

  liveTest(
    "a call that offers another protocol is theirs as it was, one after the other",
    async ({ serve }) => {
      const { instep } = await serve();
      const foreign = createServer(async (request, response) => {
        let body = "";
        for await (const part of request) body += part;
        const { upgrade, connection, "x-own": own } = request.headers;
        response.end(JSON.stringify([request.method, request.url, own, upgrade, connection, body]));
      });
      const detach = instep.attach(foreign);
      const port = await listening(foreign);
      const offer = [hostOf({ port }), "X-Own: é", "Connection: upgrade, http2-settings", ...H2C];
      const post = ["POST /a?b HTTP/1.1", ...offer, "Content-Length: 5", "", "hello"].join("\r\n");
      const ask = (text: string) => sendRaw(port, Buffer.from(text, "latin1"));
      const last = ["GET /last HTTP/1.1", hostOf({ port }), "Connection: close", "", ""];
      const answered = await ask(`${post}${last.join("\r\n")}`);
      const body = Buffer.from(answered.body, "latin1").toString();
      expect(body).toContain('["POST","/a?b","é",null,null,"hello"]');
      expect(body).toContain('["GET","/last",null,null,"close",""]');

      // Where they listen themselves, it is theirs to answer.
      foreign.on("upgrade", (_request, socket) => socket.end("HTTP/1.1 418 Theirs\r\n\r\n"));
      expect((await ask(post)).status).toBe(418);
      detach();
      await closed(foreign);
    },
  );

  liveTest("two of ours share it, each at its own mount", async ({ serve }) => {
    const [one, other] = [await serve(), await serve()];
    await one.saved({ workflow_id: "one" });
    await other.saved({ workflow_id: "other" });
    const foreign = createServer();
    const emit = foreign.emit;
    const theirs = besides(foreign);
    const detach = [one.instep.attach(foreign), other.instep.attach(foreign, { mount: "/b" })];
    const port = await listening(foreign);
    const currentAt = async (path: string) => {
      const { tab } = await RawTab.open(`ws://127.0.0.1:${port}${path}`);
      tab.subscribe("current");
      const { workflow_id } = await tab.take("current");
      tab.drop();
      return workflow_id;
    };
    expect(await currentAt(`/b${LIVE}`)).toBe("other");
    expect(await currentAt(LIVE)).toBe("one");
    detach[0]!();
    expect(await currentAt(`/b${LIVE}`)).toBe("other");
    detach[1]!();
    expect(foreign.emit).toBe(emit);
    expect(foreign.listenerCount("upgrade")).toBe(1);
    theirs.close();
    await closed(foreign);
  });

  liveTest("two of ours that would take the same paths are told so at once", async ({ serve }) => {
    const [one, other] = [await serve(), await serve()];
    const foreign = createServer();
    for (const [first, second] of [
      [undefined, undefined],
      ["/b", "/b"],
      ["/b", "/b/"],
      ["", "/"],
    ]) {
      const detach = one.instep.attach(foreign, first === undefined ? {} : { mount: first });
      const options = second === undefined ? {} : { mount: second };
      expect(() => other.instep.attach(foreign, options)).toThrow(/another Instep .* mount/);
      // The same one may come again, and the other one once the first is gone.
      one.instep.attach(foreign, options)();
      detach();
      other.instep.attach(foreign, options)();
    }
    expect(foreign.listenerCount("upgrade")).toBe(0);
  });

  liveTest(
    "somebody who calls the listeners by hand, or wraps us, is served too",
    async ({ serve }) => {
      const { instep } = await serve();
      const foreign = createServer();
      const detach = instep.attach(foreign);
      const wrapped = foreign.emit;
      foreign.emit = ((...given: Parameters<typeof wrapped>) =>
        wrapped.apply(foreign, given)) as typeof wrapped;
      const [ours] = foreign.listeners("upgrade") as ((...given: unknown[]) => void)[];
      foreign.removeAllListeners("upgrade");
      foreign.on("upgrade", (...given) => ours!(...given));
      const port = await listening(foreign);
      const { tab } = await RawTab.open(`ws://127.0.0.1:${port}${LIVE}`);
      expect(await tab.rest()).toEqual([]);
      tab.drop();
      detach();
      foreign.on("upgrade", (_request, socket) => socket.end("HTTP/1.1 418 Theirs\r\n\r\n"));
      const { status } = await sendRaw(port, upgradeText(LIVE, [hostOf({ port }), PROTOCOL]));
      expect(status).toBe(418);
      await closed(foreign);
    },
  );
});
