/** Output for readers of every speed: whoever is slow gets all of it later, and costs nobody anything. */
import { connect } from "node:net";
import { describe, expect } from "vitest";
import { until, within } from "../../support/deadline.js";
import { append, Heard, logPath, printed, Streamed } from "../../support/links/output.js";
import type { RawTab } from "../../support/links/rawTab.js";
import { liveTest } from "../../support/servers/liveServer.js";

const W = { workflow_id: "w", steps: [{ action: "build" }] };
const BUILD = ["w", 0] as const;
const MIB = 1024 * 1024;

const follow = (tab: RawTab, more: object = {}) =>
  tab.send({ type: "follow_log", workflow_id: "w", step: 0, ...more });

/** Lines that tell where they are. */
function lines(from: number, bytes: number): string {
  let text = "";
  while (text.length < bytes) text += `${from + text.length} äöü €\n`.padEnd(64, ".");
  return text;
}

describe("output printed at full speed", () => {
  liveTest(
    "output printed at full speed reaches the quick and the slow alike, byte for byte",
    async ({ serve }) => {
      const server = await serve();
      await server.saved(W);
      const [quick, slow, late] = [
        await server.openTab(),
        await server.openTab(),
        await server.openTab(),
      ];
      follow(quick);
      follow(slow);
      await quick.rest();
      await slow.rest();
      slow.socket.pause();
      let all = "";
      let next = 0;
      const heard = new Heard();
      for (let i = 0; i < 32; i++) {
        const piece = lines(next, MIB / 2);
        all += piece;
        next = await printed(server, BUILD, piece);
        await heard.upTo(quick, next);
      }
      expect(heard.text).toBe(all);
      // The other work of the server is not held up by the slow reader.
      const watcher = await server.openTab();
      watcher.subscribe("w");
      await watcher.take("snapshot");
      await server.call("PATCH", "/workflow/state/steps/0", { body: { status: "completed" } });
      expect(await watcher.take("changed")).toMatchObject({ revision: 2 });
      expect(await quick.take("log_end")).toMatchObject({ next });

      slow.socket.resume();
      expect((await new Heard().upTo(slow, next)).text).toBe(all);
      follow(late, { from: 0 });
      expect((await new Heard().upTo(late, next)).text).toBe(all);
      expect((await server.get(logPath("w", 0))).text).toBe(all);
    },
  );

  liveTest(
    "output printed at full speed leaves a follower's state frames first in line",
    async ({ serve }) => {
      const server = await serve();
      await server.saved(W);
      const tab = await server.openTab();
      tab.subscribe("w");
      await tab.take("snapshot");
      let next = 0;
      for (let i = 0; i < 8; i++) next = await printed(server, BUILD, lines(next, MIB / 2));
      follow(tab);
      tab.send({ type: "ping" });
      // The answer does not stand behind four megabytes.
      let before = 0;
      for (let frame = await tab.next(); frame.type !== "pong"; frame = await tab.next())
        before += 1;
      expect(before).toBeLessThan(20);
    },
  );

  liveTest(
    "output printed at full speed is followed across a restart without a loss",
    async ({ serve }) => {
      const server = await serve();
      await server.saved(W);
      const heard = new Heard();
      let all = "";
      for (let start = 0; start < 3; start++) {
        const tab = await server.openTab();
        follow(tab, start === 0 ? {} : { attempt: 1, from: heard.next });
        for (let i = 0; i < 5; i++) {
          const piece = `${start}.${i} ${"€".repeat(10_000)}\n`;
          all += piece;
          await printed(server, BUILD, piece);
          // The last one is left for after the restart.
          if (i < 4) await heard.upTo(tab, Buffer.byteLength(all));
        }
        await server.restart();
      }
      const last = await server.openTab();
      follow(last, { attempt: 1, from: heard.next });
      await heard.upTo(last, Buffer.byteLength(all));
      expect(heard.text).toBe(all);
      expect(await last.rest()).toEqual([]);
    },
  );

  liveTest(
    "output printed at full speed does not fill the server for a curl that does not read",
    async ({ serve }) => {
      const server = await serve();
      await server.saved(W);
      const stuck = connect({ port: server.port, host: "127.0.0.1" });
      stuck.pause();
      stuck.write(
        `GET ${logPath("w", 0, "&follow=1")} HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\n\r\n`,
      );
      const stream = await Streamed.open(server.url + logPath("w", 0, "&follow=1"));
      let next = 0;
      for (let i = 0; i < 16; i++) next = await printed(server, BUILD, lines(next, MIB / 2));
      await until(() => stream.bytes.length === next, "the other one has all of it");
      stream.answer.destroy();
      stuck.destroy();
      await within(server.stop(), () => "the server to stop");
    },
  );
});

describe("output over its limit", () => {
  const limits = { outputBytes: 16 * 1024, outputFrameBytes: 512 };
  const ROUNDS = 40;

  liveTest(
    "output over its limit tells everyone who reads across it what is left out",
    async ({ serve }) => {
      const server = await serve({ limits });
      await server.saved(W);
      const tab = await server.openTab();
      follow(tab);
      let all = "";
      const heard = new Heard();
      for (let i = 0; i < ROUNDS; i++) {
        const piece = lines(all.length, 1024);
        all += piece;
        await heard.upTo(tab, await printed(server, BUILD, piece));
      }
      // A reader that kept up missed nothing.
      expect([heard.text, heard.skipped]).toEqual([all, 0]);

      const bytes = Buffer.from(all);
      const late = await server.openTab();
      follow(late);
      const second = await new Heard().upTo(late, bytes.length);
      const tailFrom = 8 * 1024 + second.skipped;
      expect(second.skipped).toBeGreaterThan(0);
      expect(bytes.length - tailFrom).toBeGreaterThanOrEqual(7 * 1024);
      expect(bytes.length - tailFrom).toBeLessThanOrEqual(8 * 1024);
      expect(second.text).toBe(
        bytes.subarray(0, 8 * 1024).toString() + bytes.subarray(tailFrom).toString(),
      );

      const notice = `[instep: ${second.skipped} bytes left out]\n`;
      const read = await server.get(logPath("w", 0));
      expect(read.text).toBe(
        `${bytes.subarray(0, 8 * 1024)}${bytes[8 * 1024 - 1] === 10 ? "" : "\n"}${notice}${bytes.subarray(tailFrom)}`,
      );
      expect(read.headers.get("instep-log-next")).toBe(`${bytes.length}`);
      expect(read.headers.get("instep-log-whole")).toBe("no");
      const inside = await server.get(logPath("w", 0, `&from=${tailFrom - 100}`));
      expect(inside.text).toBe(`[instep: 100 bytes left out]\n${bytes.subarray(tailFrom)}`);
      const tail = await server.get(logPath("w", 0, "&tail=100"));
      expect(tail.text).toBe(
        bytes.subarray(Number(tail.headers.get("instep-log-from"))).toString(),
      );

      const range = (text: string) => server.get(logPath("w", 0), { Range: `bytes=${text}` });
      expect((await range("0-99")).status).toBe(206);
      expect((await range(`${tailFrom}-`)).text).toBe(bytes.subarray(tailFrom).toString());
      expect((await range("0-")).body.code).toBe("no_such_range");
      await server.restart({ limits });
      expect((await server.get(logPath("w", 0))).text).toBe(read.text);
    },
  );
});

describe("output that was left out whole for later output", () => {
  liveTest(
    "output that was left out whole for later output is said to be left out, however it is read",
    async ({ serve }) => {
      const limits = { outputBytes: 64 * 1024, outputWorkflowBytes: 64 * 1024 };
      const server = await serve({ limits });
      await server.saved({ ...W, steps: Array.from({ length: 20 }, () => ({ action: "a" })) });
      const reported = await server.openTab();
      follow(reported);
      await new Heard().upTo(reported, await printed(server, BUILD, "0123456789"));
      for (let step = 1; step < 20; step++) await printed(server, ["w", step], "x");
      const check = async () => {
        const read = await server.get(logPath("w", 0));
        expect([read.status, read.text, read.headers.get("instep-log-next")]).toEqual([
          200,
          "[instep: 10 bytes left out]\n",
          "10",
        ]);
        expect((await server.get(logPath("w", 0, "&tail=4"))).text).toBe(
          "[instep: 4 bytes left out]\n",
        );
        const range = await server.get(logPath("w", 0), { Range: "bytes=0-" });
        expect([range.status, range.body.code]).toEqual([416, "no_such_range"]);
        const tab = await server.openTab();
        // From elsewhere than the others: what was read a moment ago may still be told.
        follow(tab, { from: 1 });
        expect(await tab.take("log")).toMatchObject({ from: 10, next: 10, text: "", skipped: 9 });
        return tab;
      };
      await check();
      await server.restart();
      const tab = await check();
      await printed(server, BUILD, "more", "&at=10");
      expect(await tab.take("log")).toMatchObject({ from: 10, next: 14, text: "more" });
      await server.call("PATCH", "/workflow/state/steps/0", { body: { status: "completed" } });
      expect(await tab.take("log_end")).toMatchObject({ next: 14, reason: "over" });
      expect((await server.get()).body.state.steps[0]).toMatchObject({ log_bytes: 14 });
      const stream = await Streamed.open(server.url + logPath("w", 0, "&follow=1"));
      expect(await within(stream.ended, () => "the end")).toBe("whole");
      expect(stream.text).toBe("[instep: 10 bytes left out]\nmore");
    },
  );
});

describe("a driver that only prints", () => {
  liveTest("a driver that only prints is not silent", async ({ serve }) => {
    const server = await serve({ silentAfterMs: 60_000 });
    await server.saved(W);
    const status = async () => (await server.get()).body.state.status;
    for (let i = 0; i < 4; i++) {
      server.clock.advance(40_000);
      expect((await append(server, BUILD, "still here\n")).status).toBe(200);
      expect(await status()).toBe("running");
    }
    server.clock.advance(60_000);
    await until(async () => (await status()) === "interrupted", "it is interrupted");
  });
});
