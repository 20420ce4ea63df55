/** A client at an address where no Instep is: every way in ends in the same sentence, soon. */
import { createServer, type Server as HttpServer, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import {
  type AddressInfo,
  createServer as createTcpServer,
  type Server,
  type Socket,
} from "node:net";
import express from "express";
import { describe, expect, onTestFinished } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import {
  type ClientOptions,
  type Clock,
  createClient,
  drive,
  type InstepClient,
  saveWorkflowState,
  type View,
  type WebSocketConstructor,
} from "../../../client/index.js";
import { hastyClock } from "../../support/clocks/hastyClock.js";
import { within } from "../../support/deadline.js";
import { FakeBrowser } from "../../support/links/fakeWorker.js";
import { type LiveServer, liveTest } from "../../support/servers/liveServer.js";

/** Where to look, and the sentence's end. */
interface Place {
  readonly url: string;
  readonly why: string;
}

async function listening(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise<void>((done) => server.close(() => done()));
  });
  return (server.address() as AddressInfo).port;
}

async function http(answer: RequestListener, arrange = (_: HttpServer) => {}): Promise<string> {
  const server = createServer(answer);
  arrange(server);
  return `http://127.0.0.1:${await listening(server)}`;
}

const says =
  (status: number, type: string, body: string, headers = {}): RequestListener =>
  (_request, response) => {
    response.writeHead(status, { "Content-Type": type, ...headers }).end(body);
  };

async function freePort(): Promise<number> {
  const server = createTcpServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

const JSON_TYPE = "application/json";
const LOGIN = "https://login.example/in?then=here";

const PLACES: Record<string, (server: LiveServer) => Promise<Place>> = {
  "a wrong path, by Express": async () => ({
    url: await http(express()),
    why: "something else answers there: HTTP 404",
  }),
  "a wrong path, by a web server's page": async () => ({
    url: await http(says(404, "text/html", "<h1>404 Not Found</h1>")),
    why: "something else answers there: HTTP 404",
  }),
  "another app's refusal in JSON": async () => ({
    url: await http(says(404, JSON_TYPE, '{"success":false,"code":"not_found","message":"no"}')),
    why: "something else answers there: HTTP 404",
  }),
  "a wrong path of an Instep with a port of its own": async ({ url }) => ({
    url: `${url}/instep`,
    why: "there is one at another path",
  }),
  "an app that gives its page for every path": async () => ({
    url: await http(says(200, "text/html; charset=utf-8", "<div id=app></div>")),
    why: "something else answers there: HTTP 200",
  }),
  "an app that answers everything with other JSON": async () => ({
    url: await http(says(200, JSON_TYPE, '{"ok":true,"workflows":3}')),
    why: "something else answers there: HTTP 200",
  }),
  "a way to a login page": async () => ({
    url: await http(says(302, "text/html", "", { Location: LOGIN })),
    why: "it redirects to https://login.example/in",
  }),
  "a way to the same place by TLS": async () => ({
    url: await http(({ url = "" }, response) => {
      response.writeHead(308, { Location: `https://runs.example${url}` }).end();
    }),
    why: "it redirects to https://runs.example",
  }),
  "a login asked for by a proxy": async () => ({
    url: await http(says(401, "text/html", "<h1>401</h1>", { "WWW-Authenticate": "Basic" })),
    why: "something else answers there: HTTP 401",
  }),
  "TLS spoken to a port without": async () => ({
    url: (await http(express())).replace("http:", "https:"),
    why: "what answers there does not speak TLS",
  }),
  "no TLS spoken to a port with": async () => ({
    url: `http://127.0.0.1:${await listening(createTlsServer(express()))}`,
    why: "it hangs up without an answer",
  }),
  "a port with another language": async () => ({
    url: `http://127.0.0.1:${await listening(createTcpServer((socket) => socket.end("SSH-2.0-OpenSSH_9.2\r\n")))}`,
    why: "what answers there does not speak HTTP",
  }),
  "a proxy without a server behind it": async () => ({
    url: await http(says(502, "text/html", "<h1>502 Bad Gateway</h1>")),
    why: "a proxy does not reach it: HTTP 502",
  }),
  "a port where nobody listens": async () => ({
    url: `http://127.0.0.1:${await freePort()}`,
    why: "nothing listens there",
  }),
  "a port that takes connections and says nothing": async () => ({
    url: `http://127.0.0.1:${await listening(createTcpServer(() => {}))}`,
    why: "no answer came in time",
  }),
  "another WebSocket server, which says nothing": async () => ({
    url: await http(express(), (server) => void new WebSocketServer({ server })),
    why: "something else answers there: HTTP 404",
  }),
  "another WebSocket server, which talks": async () => ({
    url: await http(express(), (server) => {
      new WebSocketServer({ server }).on("connection", (socket) => socket.send('{"type":"hi"}'));
    }),
    why: "something else answers there: HTTP 404",
  }),
  "another WebSocket server, which closes for good": async () => ({
    url: await http(express(), (server) => {
      new WebSocketServer({ server }).on("connection", (socket) => socket.close(1008));
    }),
    why: "something else answers there: HTTP 404",
  }),
};

const NodeSocket = WebSocket as unknown as WebSocketConstructor;

const Blocked = class {
  constructor() {
    throw new Error("blocked");
  }
} as unknown as WebSocketConstructor;

const WAYS: Record<string, (clock: Clock) => ClientOptions> = {
  "by socket": () => ({ WebSocket: NodeSocket }),
  "without a WebSocket": () => ({ WebSocket: Blocked }),
  "by the socket of all tabs": (clock) => {
    const browser = new FakeBrowser(clock, (url, protocols) => new NodeSocket(url, protocols));
    const { openSharedWorker } = browser.tab();
    return { WebSocket: NodeSocket, openSharedWorker, onLeaving: () => () => {} };
  },
};

/** All that a client is asked for, until it has said why nothing comes. */
async function asked(client: InstepClient) {
  const startedAt = client.clock.elapsed();
  const views: View[] = [];
  const seen = new Promise<void>((resolve) => {
    client.watch("current", (view) => {
      views.push(view);
      if (view.problem !== null) resolve();
    });
  });
  const followed = new Promise<string>((resolve) => {
    client.followLog("w", 0, {}, { piece: () => {}, problem: resolve });
  });
  const calls = [
    drive(client, { steps: [{ action: "a" }] }, { a: () => {} }),
    client.propose({ kind: "save", state: { steps: [] } }),
    client.lease("w", { driver: "me" }),
    client.rest.load(),
    client.rest.list(),
    client.rest.log("w", 0),
    client.rest.clear(),
    client.rest.definitions(),
    saveWorkflowState(client, { steps: [] }),
  ];
  const settled = await Promise.allSettled(calls);
  await seen;
  const rejections = settled.map((one) => (one.status === "rejected" ? `${one.reason}` : "none"));
  return {
    rejections: [...new Set(rejections)],
    connection: client.connection.problem,
    views: views.map(({ phase, problem }) => [phase, problem]),
    log: await followed,
    isSoon: client.clock.elapsed() - startedAt < 10_000,
  };
}

describe("no Instep at", () => {
  for (const [place, arrange] of Object.entries(PLACES)) {
    liveTest(`${place} is said in one sentence within 10 s, whatever way`, async ({ serve }) => {
      const { url, why } = await arrange(await serve());
      const clock = hastyClock(20);
      const clients = Object.values(WAYS).map((optionsFor) =>
        createClient({ url, clock, ...optionsFor(clock) }),
      );
      onTestFinished(() => {
        for (const client of clients) client.close();
      });
      const told = await within(Promise.all(clients.map(asked)), () =>
        JSON.stringify(clients.map(({ connection }) => connection)),
      );
      const sentence = `No Instep server answers at ${url} (${why}).`;
      const expected = {
        rejections: [`NoAnswerError: ${sentence}`],
        connection: sentence,
        views: [
          ["loading", null],
          ["unavailable", sentence],
        ],
        log: sentence,
        isSoon: true,
      };
      expect(told).toEqual(clients.map(() => expected));
    });
  }
});
