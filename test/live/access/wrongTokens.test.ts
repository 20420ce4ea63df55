/** Guessing tokens: slow, and not in secret. */
import { request } from "node:http";
import { describe, expect } from "vitest";
import { requestText, sendRaw, upgradeText } from "../../support/links/rawHttp.js";
import { type LiveServer, liveTest } from "../../support/servers/liveServer.js";

const tokens = [{ token: "the-right-token", can: "drive" }] as const;
const RIGHT = { Authorization: "Bearer the-right-token" };

const guess = (server: LiveServer, i: number) =>
  server.get("/workflow/state", { Authorization: `Bearer guess-${i}` });

/** From another address of this machine. */
const guessFrom = (localAddress: string, { port }: LiveServer): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const headers = { Authorization: "Bearer guess" };
    const asked = request(
      { host: "127.0.0.1", port, path: "/workflow/state", localAddress, headers },
      (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      },
    );
    asked.on("error", reject).end();
  });

async function exhaust(server: LiveServer): Promise<void> {
  for (let i = 0; i < 20; i++) expect((await guess(server, i)).status).toBe(401);
}

describe("a guesser of tokens", () => {
  liveTest("a guesser of tokens is told to wait after twenty, at both doors", async ({ serve }) => {
    const server = await serve({ tokens });
    await exhaust(server);
    const slowed = await guess(server, 20);
    expect([slowed.status, slowed.body.code]).toEqual([429, "rate_limited"]);
    expect(slowed.headers.get("retry-after")).toBe("3");
    const lines = [`Host: 127.0.0.1:${server.port}`, "Authorization: Bearer guess-21"];
    const read = await sendRaw(server.port, requestText("DELETE", "/workflow/state", lines));
    expect(read.status).toBe(429);
    const protocol = "Sec-WebSocket-Protocol: instep.v1";
    const upgrade = await sendRaw(server.port, upgradeText("/workflow/live", [...lines, protocol]));
    expect(upgrade.status).toBe(429);
    expect(upgrade.head).toContain("Retry-After: 3");
    server.clock.advance(3_000);
    expect((await guess(server, 22)).status).toBe(401);
    expect((await guess(server, 23)).status).toBe(429);
    server.clock.setWall(0);
    expect((await guess(server, 24)).status).toBe(429);
    server.clock.advance(60_000);
    await exhaust(server);
  });

  liveTest("a guesser of tokens locks out nobody who has a right one", async ({ serve }) => {
    const server = await serve({ tokens });
    await exhaust(server);
    expect((await guess(server, 20)).status).toBe(429);
    expect((await server.get("/workflow/state", RIGHT)).status).toBe(200);
    await server.openTab({ headers: RIGHT });
    // To bring none is no guess: the page asks for one then.
    expect((await server.get("/workflow/state")).status).toBe(401);
  });

  liveTest("a guesser of tokens slows down no other address", async ({ serve }) => {
    const server = await serve({ tokens, allowedHosts: ["127.0.0.1"] });
    await exhaust(server);
    expect(await guessFrom("127.0.0.1", server)).toBe(429);
    expect(await guessFrom("127.0.0.2", server)).toBe(401);
  });

  liveTest(
    "a guesser of tokens is logged by address and count, once a minute, and never a token",
    async ({ serve }) => {
      const lines: [object, string][] = [];
      const nothing = () => {};
      const warn = (details: object, message: string) => void lines.push([details, message]);
      const log = { debug: nothing, info: nothing, warn, error: nothing };
      const server = await serve({ tokens, log });
      for (let i = 0; i < 50; i++) await guess(server, i);
      expect(lines).toEqual([
        [{ address: "127.0.0.1", wrongTokens: 21 }, "somebody guesses tokens"],
      ]);
      server.clock.advance(60_000);
      for (let i = 0; i < 50; i++) await guess(server, i);
      expect(lines).toHaveLength(2);
      expect(lines[1]?.[0]).toEqual({ address: "127.0.0.1", wrongTokens: 50 });
      expect(JSON.stringify(lines)).not.toContain("guess-");
    },
  );
});
