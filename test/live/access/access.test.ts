/** The gate: one table of requests, sent to both doors, which must give one verdict. */
import { createServer } from "node:net";
import { describe, expect } from "vitest";
import { requestText, sendRaw, upgradeText } from "../../support/links/rawHttp.js";
import { type LiveServer, liveTest } from "../../support/servers/liveServer.js";

const PROTOCOL = "Sec-WebSocket-Protocol: instep.v1";
const tokens = [
  { token: "watch-token", can: "watch" },
  { token: "drive-token", can: "drive" },
] as const;

/** The verdict of both doors on these header lines; 101 and 200 are the same verdict. */
async function verdicts({ port }: LiveServer, headers: readonly string[]) {
  const read = await sendRaw(port, requestText("GET", "/workflow/state", headers));
  const list = await sendRaw(port, requestText("GET", "/workflows", headers));
  const upgrade = await sendRaw(port, upgradeText("/workflow/live", [...headers, PROTOCOL]));
  return [read.status, list.status, upgrade.status === 101 ? 200 : upgrade.status];
}

const same = (verdict: number) => [verdict, verdict, verdict];

/** `PORT` stands for the server's own. */
const HOSTS: readonly (readonly [string, readonly string[], number])[] = [
  ["its address", ["Host: 127.0.0.1:PORT"], 200],
  ["its name", ["Host: localhost:PORT"], 200],
  ["its name in capitals", ["HOST: LOCALHOST:PORT"], 200],
  ["its IPv6 address", ["Host: [::1]:PORT"], 200],
  ["another name", ["Host: evil.com"], 403],
  ["another name at its port", ["Host: evil.com:PORT"], 403],
  ["a name that ends in its own", ["Host: evil.localhost:PORT"], 403],
  ["a name that begins with its own", ["Host: localhost.evil.com:PORT"], 403],
  ["a name with a dot at its end", ["Host: localhost.:PORT"], 403],
  ["no port", ["Host: 127.0.0.1"], 403],
  ["another port", ["Host: 127.0.0.1:1"], 403],
  ["credentials in the name", ["Host: 127.0.0.1:PORT@evil.com"], 403],
  ["another loopback address", ["Host: 127.0.0.2:PORT"], 403],
  ["its address as a number", ["Host: 2130706433:PORT"], 403],
  ["an empty name", ["Host: "], 403],
  ["no name at all", [], 400],
  ["two names", ["Host: 127.0.0.1:PORT", "Host: evil.com"], 400],
  ["its own name twice", ["Host: 127.0.0.1:PORT", "Host: 127.0.0.1:PORT"], 400],
];

const ORIGINS: readonly (readonly [string, readonly string[], number])[] = [
  ["none", [], 200],
  ["its own", ["Origin: http://127.0.0.1:PORT"], 200],
  ["its own by name", ["Origin: http://localhost:PORT"], 200],
  ["its own over IPv6", ["Origin: http://[::1]:PORT"], 200],
  ["another site", ["Origin: http://evil.com"], 403],
  ["another site, encrypted", ["Origin: https://evil.com"], 403],
  ["another site at its port", ["Origin: http://evil.com:PORT"], 403],
  ["a page from a file", ["Origin: null"], 403],
  ["a server at another port", ["Origin: http://127.0.0.1:1"], 403],
  ["a name that begins with its own", ["Origin: http://localhost.evil.com:PORT"], 403],
  ["a name that ends in its own", ["Origin: http://evil.localhost:PORT"], 403],
  ["its own in capitals, as no browser writes it", ["Origin: HTTP://127.0.0.1:PORT"], 403],
  ["a path behind its own", ["Origin: http://127.0.0.1:PORT/"], 403],
  ["credentials", ["Origin: http://127.0.0.1:PORT@evil.com"], 403],
  ["an extension", ["Origin: chrome-extension://abcdef"], 403],
  ["an empty one", ["Origin: "], 403],
  ["two", ["Origin: http://127.0.0.1:PORT", "Origin: http://evil.com"], 400],
  ["its own, but the browser says cross-site", ["Sec-Fetch-Site: cross-site"], 403],
  ["another port of the same site", ["Sec-Fetch-Site: same-site"], 403],
  ["its own, as the browser says", ["Sec-Fetch-Site: same-origin"], 200],
  ["typed by the user", ["Sec-Fetch-Site: none"], 200],
];

describe("both doors", () => {
  liveTest.for(HOSTS)(
    "a request called by %s has the same verdict at both doors",
    async ([, headers, verdict], { serve }) => {
      const server = await serve();
      const lines = headers.map((line) => line.replace("PORT", `${server.port}`));
      expect(await verdicts(server, lines)).toEqual(same(verdict));
    },
  );

  liveTest.for(ORIGINS)(
    "a request from an origin that is %s has the same verdict at both doors",
    async ([, headers, verdict], { serve }) => {
      const server = await serve();
      const host = `Host: 127.0.0.1:${server.port}`;
      const lines = headers.map((line) => line.replace("PORT", `${server.port}`));
      expect(await verdicts(server, [host, ...lines])).toEqual(same(verdict));
    },
  );

  liveTest("both doors know the names they were given", async ({ serve }) => {
    const server = await serve({ allowedHosts: ["Workflows.example", "other.example:8443"] });
    for (const [host, origin, verdict] of [
      ["workflows.example", "https://workflows.example", 200],
      ["WORKFLOWS.example", "http://workflows.example", 200],
      ["workflows.example:81", "https://workflows.example", 403],
      ["workflows.example:8443", "https://workflows.example:8443", 200],
      ["workflows.example", "https://workflows.example:8443", 403],
      ["other.example:8443", "https://other.example:8443", 200],
      ["other.example", "https://other.example:8443", 403],
      ["workflows.example", "https://evil.com", 403],
    ] as const) {
      const lines = [`Host: ${host}`, `Origin: ${origin}`];
      expect([host, origin, ...(await verdicts(server, lines))]).toEqual([
        host,
        origin,
        ...same(verdict),
      ]);
    }
  });

  liveTest.for([
    ["none", [], 401],
    ["an unknown one", ["Authorization: Bearer wrong"], 401],
    ["an empty one", ["Authorization: Bearer "], 401],
    ["half of one", ["Authorization: Bearer watch-tok"], 401],
    ["another scheme", ["Authorization: Basic watch-token"], 401],
    ["one that watches", ["Authorization: Bearer watch-token"], 200],
    ["one that drives", ["Authorization: bearer drive-token"], 200],
  ] as const)(
    "both doors have the same verdict on a request with %s for a token",
    async ([, headers, verdict], { serve }) => {
      const server = await serve({ tokens });
      const host = `Host: 127.0.0.1:${server.port}`;
      expect(await verdicts(server, [host, ...headers])).toEqual(same(verdict));
      // The page's files and the probes know no tokens.
      for (const path of ["/healthz", "/readyz"]) {
        expect((await sendRaw(server.port, requestText("GET", path, [host]))).status).toBe(200);
      }
    },
  );

  liveTest("both doors say which scheme they want", async ({ serve }) => {
    const server = await serve({ tokens });
    const answer = await server.get();
    expect(answer.body.code).toBe("unauthorized");
    expect(answer.headers.get("www-authenticate")).toBe("Bearer");
  });

  liveTest(
    "both doors let a link from another site be followed, and nothing else from there",
    async ({ serve }) => {
      const server = await serve();
      const { port } = server;
      const crossing = [`Host: 127.0.0.1:${port}`, "Sec-Fetch-Site: cross-site"];
      const link = ["Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"];
      const asked = async (method: string, path: string, more: readonly string[]) =>
        (await sendRaw(port, requestText(method, path, [...crossing, ...more]))).status;
      for (const path of ["/workflow/state", "/workflows", "/workflow/state?workflow_id=x"])
        expect(await asked("GET", path, link)).toBe(200);
      for (const [method, ...more] of [
        ["GET", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: iframe"],
        ["GET", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: embed"],
        ["GET", "Sec-Fetch-Mode: no-cors", "Sec-Fetch-Dest: document"],
        ["GET", "Sec-Fetch-Mode: cors", "Sec-Fetch-Dest: empty"],
        ["GET", "Sec-Fetch-Mode: navigate"],
        ["POST", ...link],
        ["DELETE", ...link],
        ["GET", ...link, "Origin: https://evil.example"],
      ] as const)
        expect([method, more, await asked(method, "/workflow/state", more)]).toEqual([
          method,
          more,
          403,
        ]);
      const upgrade = upgradeText("/workflow/live", [
        ...crossing,
        "Sec-Fetch-Mode: websocket",
        "Sec-Fetch-Dest: websocket",
        PROTOCOL,
      ]);
      expect((await sendRaw(port, upgrade)).status).toBe(403);
    },
  );

  liveTest(
    "both doors tell a person at an unknown name, such as a forwarded port, what to do",
    async ({ serve }) => {
      const server = await serve();
      const ask = (host: string, accept: string) =>
        sendRaw(server.port, requestText("GET", "/", [`Host: ${host}`, `Accept: ${accept}`]));
      const browser = "text/html,application/xhtml+xml,*/*;q=0.8";
      const page = await ask("localhost:8080", browser);
      expect([page.status, page.head]).toEqual([
        403,
        expect.stringMatching(/^content-type: text\/html/im),
      ]);
      expect(page.body).toContain("<code>--allow-host localhost:8080</code>");
      const json = await ask("localhost:8080", "*/*");
      expect(JSON.parse(json.body)).toMatchObject({
        code: "forbidden",
        detail: expect.stringContaining("--allow-host localhost:8080"),
      });
      const odd = await ask("<script>alert(1)</script>", browser);
      expect(odd.body).not.toContain("<script>");
      expect(odd.status).toBeGreaterThanOrEqual(400);
    },
  );

  liveTest("both doors refuse writes from other sites before they read them", async ({ serve }) => {
    const server = await serve();
    const answer = await server.call("POST", "/workflow/state", {
      body: { workflow_id: "planted" },
      headers: { Origin: "http://evil.com" },
    });
    expect([answer.status, answer.body.code]).toEqual([403, "forbidden"]);
    expect(answer.body.detail).toContain("from a page at evil.com");
    expect(answer.body.detail).toContain(`was sent to 127.0.0.1:${server.port}`);
    const odd = await server.call("POST", "/workflow/state", {
      body: { workflow_id: "planted" },
      headers: { Origin: "http://<script>alert(1)</script>" },
    });
    expect([odd.status, odd.body.detail]).toEqual([403, "requests from other sites are refused"]);
    expect((await server.get()).body.state).toBeNull();
  });
});

describe("a server on a port of its own", () => {
  liveTest(
    "a server on a port of its own tells a second one that the port is taken",
    async ({ serve }) => {
      const taken = createServer();
      await new Promise<void>((done) => taken.listen(0, "127.0.0.1", done));
      const { port } = taken.address() as { port: number };
      const server = await serve();
      await expect(server.instep.listen({ port })).rejects.toMatchObject({ code: "EADDRINUSE" });
      await new Promise((done) => taken.close(done));
    },
  );
});
