/** What is said of a request by `X-Forwarded-*`, at both doors: it counts from a trusted proxy, and never makes a name ours that is none. */
import { describe, expect } from "vitest";
import { requestText, sendRaw, upgradeText } from "../../support/links/rawHttp.js";
import { type LiveServer, liveTest } from "../../support/servers/liveServer.js";

const PROTOCOL = "Sec-WebSocket-Protocol: instep.v1";
const NAMES = { allowedHosts: ["runs.example"] };
const TRUSTING = { ...NAMES, trustProxy: ["loopback"] };
const HOST = "X-Forwarded-Host";
const PREFIX = "X-Forwarded-Prefix";

/** The verdict of REST, the page and the socket on these lines, `PORT` being the server's own; 101 and 200 are the same. */
async function verdicts({ port }: LiveServer, lines: readonly string[]): Promise<number[]> {
  const given = lines.map((line) => line.replaceAll("PORT", `${port}`));
  const ask = async (text: string) => (await sendRaw(port, text)).status;
  const upgrade = await ask(upgradeText("/workflow/live", [...given, PROTOCOL]));
  return [
    await ask(requestText("GET", "/workflow/state", given)),
    await ask(requestText("GET", "/workflows", given)),
    await ask(requestText("GET", "/", given)),
    upgrade === 101 ? 200 : upgrade,
  ];
}

const OWN = "Host: 127.0.0.1:PORT";
const KNOWN = `${HOST}: runs.example`;

/** What is sent, and its verdict where loopback is trusted, and where nobody is. */
const REQUESTS: readonly (readonly [string, readonly string[], number, number])[] = [
  ["a name of ours", [OWN, KNOWN], 200, 200],
  ["a name of ours, and a page of it", [OWN, KNOWN, "Origin: https://runs.example"], 200, 200],
  ["another name", [OWN, `${HOST}: evil.example`], 403, 200],
  ["a name that ends in ours", [OWN, `${HOST}: evil.runs.example`], 403, 200],
  ["a name of ours, for another name", ["Host: evil.example", KNOWN], 403, 403],
  ["our loopback name, for another", ["Host: evil.example", `${HOST}: localhost:PORT`], 403, 403],
  ["a page of another name", [OWN, KNOWN, "Origin: https://evil.example"], 403, 403],
  [
    "another name, and a page of it",
    [OWN, `${HOST}: evil.example`, "Origin: https://evil.example"],
    403,
    403,
  ],
  ["two names in one line", [OWN, `${HOST}: runs.example, runs.example`], 400, 200],
  ["two names in two lines", [OWN, KNOWN, `${HOST}: evil.example`], 400, 200],
  [
    "a name at a port",
    [OWN, `${HOST}: runs.example:8443`, "Origin: https://runs.example:8443"],
    200,
    403,
  ],
  [
    "a page without TLS",
    [OWN, KNOWN, "X-Forwarded-Proto: https", "Origin: http://runs.example"],
    403,
    200,
  ],
  ["no scheme", [OWN, "X-Forwarded-Proto: javascript"], 400, 200],
  ["a prefix", [OWN, `${PREFIX}: /instep`], 200, 200],
  ["another site as the prefix", [OWN, `${PREFIX}: //evil.example`], 400, 200],
  ["two prefixes", [OWN, `${PREFIX}: /a`, `${PREFIX}: /b`], 400, 200],
  ["a prefix that goes up", [OWN, `${PREFIX}: /a/../..`], 400, 200],
  ["Forwarded with a name of ours", [OWN, "Forwarded: for=192.0.2.1;host=runs.example"], 200, 200],
  ["Forwarded with another name", [OWN, "Forwarded: host=evil.example"], 403, 200],
  ["a Forwarded that is none", [OWN, "Forwarded: host=a b"], 400, 200],
  ["X-Forwarded-Host beside Forwarded", [OWN, KNOWN, "Forwarded: host=evil.example"], 200, 200],
  ["many addresses", [OWN, `X-Forwarded-For: ${"1.2.3.4, ".repeat(500)}x`], 200, 200],
];

describe("headers of a proxy", () => {
  liveTest.for(REQUESTS)(
    "a request whose headers tell %s has one verdict at all doors, by whether the peer is trusted",
    async ([, lines, trusted, untrusted], { serve }) => {
      const trusting = await verdicts(await serve(TRUSTING), lines);
      expect(trusting).toEqual(Array(4).fill(trusted));
      const other = await verdicts(await serve(NAMES), lines);
      expect(other).toEqual(Array(4).fill(untrusted));
      // A list of proxies in which this peer is not is as good as none.
      const elsewhere = await serve({ ...NAMES, trustProxy: ["10.0.0.0/8", "::2"] });
      expect(await verdicts(elsewhere, lines)).toEqual(other);
    },
  );

  liveTest(
    "the prefix stands in front of the page, and nowhere without trust",
    async ({ serve }) => {
      const page = async (server: LiveServer, prefix: string) => {
        const { body } = await server
          .call("GET", "/w/a", { headers: { [PREFIX]: prefix } })
          .then(({ text }) => ({ body: text }));
        return /<base href="([^"]*)"/.exec(body)?.[1];
      };
      const [trusting, other] = [await serve(TRUSTING), await serve(NAMES)];
      expect(await page(trusting, "/tools/instep/")).toBe("/tools/instep/");
      expect(await page(trusting, "")).toBe("/");
      expect(await page(other, "/tools/instep/")).toBe("/");
      expect(await page(other, "//evil.example")).toBe("/");
      const { headers } = await trusting.call("GET", "/");
      expect(headers.get("vary")).toMatch(/X-Forwarded-Prefix/i);
    },
  );

  liveTest("sockets are allowed by the name that was asked for", async ({ serve }) => {
    const server = await serve(TRUSTING);
    const told = { [HOST]: "runs.example:8443" };
    const { headers } = await server.call("GET", "/", { headers: told });
    expect(headers.get("content-security-policy")).toContain("wss://runs.example:8443");
  });

  liveTest("wrong tokens are counted by the client's address", async ({ serve }) => {
    const tokens = [{ token: "a-token-of-sixteen", can: "drive" }] as const;
    const limits = { wrongTokens: 2 };
    const guess = async (server: LiveServer, from: string) => {
      const headers = { Authorization: "Bearer wrong", "X-Forwarded-For": from };
      return (await server.get("/workflow/state", headers)).status;
    };
    const trusting = await serve({ ...TRUSTING, tokens, limits });
    for (const status of [401, 401, 429]) expect(await guess(trusting, "192.0.2.1")).toBe(status);
    expect(await guess(trusting, "192.0.2.2")).toBe(401);
    // What the client itself wrote in front gives it no new guesses.
    for (const invented of ["6.6.6.1", "6.6.6.2", "127.0.0.1"])
      expect(await guess(trusting, `${invented}, 192.0.2.1`)).toBe(429);
    const other = await serve({ ...NAMES, tokens, limits });
    for (const [i, status] of [401, 401, 429, 429].entries())
      expect(await guess(other, `192.0.2.${i}`)).toBe(status);
  });

  liveTest(
    "an entry that names no proxy is refused at the start, by its name",
    async ({ serve }) => {
      await expect(serve({ trustProxy: ["10.0.0.0/99"] })).rejects.toThrow(/^trustProxy: must be/);
    },
  );

  liveTest("the log tells of a prefix that was ignored, once a minute", async ({ serve }) => {
    const said: string[] = [];
    const log = { ...QUIET, warn: (_fields: object, words: string) => void said.push(words) };
    const server = await serve({ ...NAMES, log });
    for (const path of ["/", "/start", "/w/a"])
      await server.call("GET", path, { headers: { [PREFIX]: "/instep" } });
    expect(said.filter((line) => line.includes("--trust-proxy"))).toHaveLength(1);
  });
});

const quiet = () => {};
const QUIET = { error: quiet, warn: quiet, info: quiet, debug: quiet };

describe("a forwarded port", () => {
  liveTest(
    "at another port a person, a program and a socket are told the same way in",
    async ({ serve }) => {
      const server = await serve();
      const host = ["Host: localhost:8080"];
      const browser = [...host, "Accept: text/html,application/xhtml+xml"];
      const flag = "--allow-host localhost:8080";
      const tunnel = `ssh -L ${server.port}:localhost:${server.port} MACHINE`;
      for (const path of ["/", "/w/a-run", "/start"]) {
        const page = await sendRaw(server.port, requestText("GET", path, browser));
        expect([page.status, page.head]).toEqual([403, expect.stringMatching(/text\/html/)]);
        for (const line of [flag, tunnel]) expect(page.body).toContain(`<code>${line}</code>`);
      }
      const upgrade = upgradeText("/workflow/live", [...host, PROTOCOL]);
      for (const text of [requestText("GET", "/workflow/state", host), upgrade]) {
        const { status, body } = await sendRaw(server.port, text);
        expect([status, JSON.parse(body).detail]).toEqual([403, expect.stringContaining(flag)]);
        expect(JSON.parse(body).detail).toContain(tunnel);
      }
    },
  );

  liveTest("a server that was told a bare name takes any port of it", async ({ serve }) => {
    const server = await serve({ allowedHosts: ["localhost"] });
    const lines = ["Host: localhost:8080"];
    expect(await verdicts(server, lines)).toEqual([200, 200, 200, 200]);
    const other = [OWN, "Origin: http://localhost:8080"];
    expect(await verdicts(server, other)).toEqual([403, 403, 403, 403]);
  });

  liveTest(
    "whoever may drive hears how a request came in, and whether what it brings counts",
    async ({ serve }) => {
      const tokens = [
        { token: "drives-everything", can: "drive" as const },
        { token: "watches-everything", can: "watch" as const },
      ];
      const asked = async (trustProxy: string[], token = "drives-everything") => {
        const server = await serve({ ...NAMES, trustProxy, tokens });
        const headers = { Authorization: `Bearer ${token}`, "X-Forwarded-For": "192.0.2.7" };
        return server.get("/workflow/request", { ...headers, [PREFIX]: "/runs" });
      };
      const forwarded = { for: "192.0.2.7", prefix: "/runs" };
      const peer = expect.stringContaining("127.0.0.1");
      const trusted = await asked(["loopback"]);
      expect(trusted.body).toMatchObject({ peer, trusted: true, client: "192.0.2.7", forwarded });
      expect((await asked([])).body).toMatchObject({
        peer,
        trusted: false,
        client: peer,
        forwarded,
      });
      expect((await asked([], "watches-everything")).status).toBe(403);
    },
  );
});
