/** The command line's own `fetch`, held against Node's: the same calls to the same servers. */
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import {
  type AddressInfo,
  createServer as createNetServer,
  type Server as NetServer,
  type Socket,
} from "node:net";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import { nodeFetch } from "../../../../server/cli/connecting/nodeFetch.js";

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

describe.each([
  ["of Node", globalThis.fetch],
  ["of the command line", nodeFetch],
])("fetch %s", (_, fetch) => {
  const get = (url: string | URL, init: RequestInit = {}) =>
    fetch(new URL(url), { method: "GET", headers: {}, ...init });

  it("the command line's fetch tells status, headers and the text of an answer", async () => {
    const url = await serve((_request, response) => {
      response.writeHead(418, { "X-Two": ["a", "b"], "Content-Type": "text/plain" });
      response.end("\ufeffa kettle ☕");
    });
    const answer = await get(url);
    expect([answer.status, answer.ok]).toEqual([418, false]);
    expect(answer.headers.get("content-type")).toBe("text/plain");
    expect(answer.headers.get("x-two")).toBe("a, b");
    expect(answer.headers.get("X-Missing")).toBeNull();
    expect(await answer.text()).toBe("a kettle ☕");
  });

  it.each(["POST", "PATCH", "DELETE"])(
    "sends the body of a %s, as text or as bytes, with its length",
    async (method) => {
      const url = await serve(async (request, response) => {
        const body = Buffer.concat(await all(request)).toString("hex");
        response.end(JSON.stringify([request.method, request.headers["content-length"], body]));
      });
      const bytes = new Uint8Array([0, 255, 10, 13]);
      for (const [body, length, hex] of [
        ["ä", "2", "c3a4"],
        [bytes, "4", "00ff0a0d"],
      ] as const) {
        const answer = await get(url, { method, body });
        expect(JSON.parse(await answer.text())).toEqual([method, length, hex]);
      }
    },
  );

  it("the command line's fetch sends the headers it is given, and asks no cache", async () => {
    const url = await serve((request, response) => response.end(JSON.stringify(request.headers)));
    const headers = { Accept: "application/json", Authorization: "Bearer abc" };
    const answer = await get(url, { headers, cache: "no-store" });
    expect(JSON.parse(await answer.text())).toMatchObject({
      accept: "application/json",
      authorization: "Bearer abc",
      "cache-control": "no-cache",
    });
  });

  it("unpacks what is packed", async () => {
    const bytes = new Uint8Array(300_000).map((_value, at) => at % 251);
    const url = await serve((request, response) => {
      expect(request.headers["accept-encoding"]).toContain("gzip");
      response.setHeader("Content-Encoding", "gzip");
      response.end(gzipSync(bytes));
    });
    const answer = await get(url);
    expect(Buffer.from(bytes).equals(new Uint8Array(await answer.arrayBuffer()))).toBe(true);
  });

  it("the command line's fetch gives bytes as they are, and none where there are none", async () => {
    const url = await serve((request, response) => {
      response.end(request.url === "/none" ? "" : Buffer.from([0, 128, 255]));
    });
    const some = await (await get(url)).arrayBuffer();
    expect([some.byteLength, [...new Uint8Array(some)]]).toEqual([3, [0, 128, 255]]);
    expect((await (await get(`${url}none`)).arrayBuffer()).byteLength).toBe(0);
  });

  it("follows no redirect where it is told so", async () => {
    const url = await serve((_request, response) => {
      response.writeHead(302, { Location: "https://elsewhere.example/" });
      response.end();
    });
    const answer = await get(url, { redirect: "manual" });
    expect([answer.status, answer.headers.get("Location")]).toEqual([
      302,
      "https://elsewhere.example/",
    ]);
  });

  it("the command line's fetch takes 304 for an answer without a body", async () => {
    const url = await serve((_request, response) => response.writeHead(304, { ETag: '"7"' }).end());
    const answer = await get(url, { headers: { "If-None-Match": '"7"' } });
    expect([answer.status, answer.ok, await answer.text()]).toEqual([304, false, ""]);
  });

  it("the command line's fetch says in the cause that nothing listens there", async () => {
    const url = await serve(() => {});
    for (const stop of stops.splice(0)) stop();
    const error = await get(url).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({ cause: { code: "ECONNREFUSED" } });
  });

  it("the command line's fetch says in the cause that what answers speaks no HTTP", async () => {
    const url = await listen((socket) => socket.end("SSH-2.0-OpenSSH_9.2\r\n"));
    const error = await get(url).catch((error: unknown) => error);
    expect(error).toMatchObject({ cause: { code: expect.stringMatching(/^HPE_/) } });
  });

  it("rejects where the body breaks off", async () => {
    const url = await listen((socket) => {
      socket.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
      setImmediate(() => socket.destroy());
    });
    const reading = get(url).then((answer) => answer.text());
    await expect(reading).rejects.toBeInstanceOf(TypeError);
  });

  it.each(["before the answer", "within the body"])(
    "ends at once where it is aborted %s",
    async (when) => {
      const giveUp = new AbortController();
      const gone = happening();
      const url = await serve((request, response) => {
        request.socket.on("close", gone.happened);
        if (when === "within the body") response.write("half");
        else giveUp.abort();
      });
      const reading = get(url, { signal: giveUp.signal }).then((answer) => {
        const text = answer.text();
        giveUp.abort();
        return text;
      });
      await expect(reading).rejects.toThrow();
      await gone.seen;
      expect(giveUp.signal.aborted).toBe(true);
    },
  );

  it("the command line's fetch sends nothing where it is aborted already", async () => {
    let heard = 0;
    const url = await serve((_request, response) => {
      heard += 1;
      response.end();
    });
    await expect(get(url, { signal: AbortSignal.abort() })).rejects.toThrow();
    await get(url);
    expect(heard).toBe(1);
  });

  it("the command line's fetch lets go of the connection of an answer that nobody wants to read", async () => {
    const gone = happening();
    const url = await serve((request, response) => {
      request.socket.on("close", gone.happened);
      response.write("and so on");
    });
    await (await get(url)).body?.cancel();
    await gone.seen;
  });
});

describe("an answer that no memory holds", () => {
  const TOO_LONG = { cause: { message: "its answer is longer than 128 MiB" } };
  const ask = async (url: string) =>
    (await nodeFetch(new URL(url), { method: "GET", headers: {} })).text();

  it("an answer that no memory holds is given up, and its connection with it", async () => {
    const gone = happening();
    const piece = Buffer.alloc(1024 * 1024, " ");
    const url = await serve((request, response) => {
      request.socket.on("close", gone.happened);
      const go = () => {
        if (response.destroyed) return;
        while (response.write(piece));
        response.once("drain", go);
      };
      go();
    });
    await expect(ask(url)).rejects.toMatchObject(TOO_LONG);
    await gone.seen;
  });

  it("an answer that no memory holds is not unpacked, however small it came", async () => {
    const packed = gzipSync(Buffer.alloc(129 * 1024 * 1024), { level: 1 });
    const url = await serve((_request, response) => {
      response.setHeader("Content-Encoding", "gzip");
      response.end(packed);
    });
    await expect(ask(url)).rejects.toMatchObject(TOO_LONG);
  });
});

describe("a connection of the command line's own fetch", () => {
  const ask = async (url: string, method: string, headers: Record<string, string> = {}) =>
    (await nodeFetch(new URL(url), { method, headers })).text();

  it("a connection of the command line's own fetch is kept from call to call", async () => {
    const ports = new Set<number | undefined>();
    const url = await serve((request, response) => {
      ports.add(request.socket.remotePort);
      response.end("x".repeat(10_000));
    });
    for (let call = 0; call < 5; call++) await ask(url, "GET");
    expect(ports.size).toBe(1);
  });

  it.each([
    ["GET", {}],
    ["POST", { "Idempotency-Key": "r-1" }],
  ])(
    "that was dropped when it was taken up again costs a %s that may be repeated nothing",
    async (method, headers) => {
      const url = await forgetful();
      for (let call = 0; call < 6; call++) expect(await ask(url, method, headers)).toBe("ok");
    },
  );

  it("a connection of the command line's own fetch that was dropped fails a call that might do something twice", async () => {
    const url = await forgetful();
    expect(await ask(url, "GET")).toBe("ok");
    await expect(ask(url, "POST")).rejects.toMatchObject({
      cause: { code: expect.stringMatching(/ECONNRESET|EPIPE/) },
    });
  });

  /** Answers the first request of a connection, and drops the second unanswered. */
  const forgetful = () =>
    listen((socket) => {
      let requests = 0;
      socket.on("data", () => {
        requests += 1;
        if (requests > 1) socket.destroy();
        else socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
      });
    });
});

async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  stops.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return urlOf(server);
}

async function listen(care: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createNetServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    care(socket);
  });
  stops.push(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return urlOf(server);
}

async function urlOf(server: Server | NetServer): Promise<string> {
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

async function all(request: IncomingMessage): Promise<Buffer[]> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece);
  return pieces;
}

function happening(): { readonly happened: () => void; readonly seen: Promise<void> } {
  let happened = () => {};
  const seen = new Promise<void>((resolve) => {
    happened = resolve;
  });
  return { happened, seen };
}
