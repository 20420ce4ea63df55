/** Connections are bounded: in number, in what waits on each, and in how long nobody takes it. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { describe, expect } from "vitest";
import { until } from "../../support/deadline.js";
import { type LiveServer, liveTest } from "../../support/servers/liveServer.js";

async function open({ port }: LiveServer): Promise<Socket> {
  const socket = connect({ port, host: "127.0.0.1" });
  socket.on("error", () => {});
  await once(socket, "connect");
  return socket;
}

const get = ({ port }: LiveServer, path: string) =>
  `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`;

const note = (text: string) => ({ kind: "save", state: { workflow_id: "noted", text } });

describe("connections", () => {
  liveTest(
    "connections beyond the limit are hung up on, those that are there go on",
    async ({ serve }) => {
      const server = await serve({ limits: { connections: 4 } });
      const tab = await server.openTab();
      const idle = [await open(server), await open(server), await open(server)];
      const late = await open(server);
      await once(late, "close");
      await tab.accepted(note("in spite of them"));
      idle[0]?.destroy();
      await until(async () => {
        const next = await open(server);
        next.write(get(server, "/healthz"));
        const answered = await Promise.race([
          once(next, "data").then(() => true),
          once(next, "close").then(() => false),
        ]);
        next.destroy();
        return answered;
      }, "there is room again");
      for (const socket of idle) socket.destroy();
    },
  );

  liveTest(
    "connections on which requests pile up are answered some, and hung up on",
    async ({ serve }) => {
      const server = await serve();
      const socket = await open(server);
      let got = "";
      socket.on("data", (bytes) => {
        got += bytes.toString("latin1");
      });
      socket.write(get(server, "/workflow/state").repeat(2_000));
      await once(socket, "close");
      const answers = got.split("HTTP/1.1 200").length - 1;
      expect(answers).toBeGreaterThanOrEqual(1);
      expect(answers).toBeLessThanOrEqual(17);
    },
  );

  liveTest("connections answer what was asked one after the other, in order", async ({ serve }) => {
    const server = await serve();
    const socket = await open(server);
    let got = "";
    socket.on("data", (bytes) => {
      got += bytes.toString("latin1");
    });
    socket.write(
      ["/healthz", "/workflow/state", "/nowhere", "/readyz"]
        .map((path) => get(server, path))
        .join(""),
    );
    await until(
      () => got.includes('"ready"'),
      () => `all answers: ${got}`,
    );
    expect(got.match(/HTTP\/1\.1 \d+/g)).toEqual([
      "HTTP/1.1 200",
      "HTTP/1.1 200",
      "HTTP/1.1 404",
      "HTTP/1.1 200",
    ]);
    socket.destroy();
  });
});

describe("an answer", () => {
  liveTest(
    "an answer that nobody takes ends; one that has nothing to say yet does not",
    async ({ serve }) => {
      const server = await serve({ limits: { stateBytes: 32e6, frameBytes: 32e6 } });
      await server.saved({ workflow_id: "big", text: "x".repeat(16e6), steps: [{ action: "a" }] });
      const [unread, quiet] = [await open(server), await open(server)];
      unread.pause();
      unread.write(get(server, "/workflow/state"));
      let heard = "";
      quiet.on("data", (bytes) => {
        heard += bytes.toString();
      });
      quiet.write(get(server, "/workflow/state/steps/0/log?follow=1"));
      await until(() => heard.includes("200 OK"), "the answer has begun");
      const path = "/workflow/state/steps/0/log";
      for (let i = 0; i < 15; i++) {
        server.clock.advance(5_000);
        await server.get("/healthz");
      }
      unread.resume();
      await once(unread, "close");
      expect(unread.bytesRead).toBeLessThan(16e6);
      await server.call("POST", path, {
        body: "late\n",
        headers: { "Content-Type": "text/plain" },
      });
      await until(() => heard.includes("late"), "the quiet one goes on");
      quiet.destroy();
    },
  );

  liveTest("an answer that is taken slowly is given whole", async ({ serve }) => {
    const server = await serve({ limits: { stateBytes: 32e6, frameBytes: 32e6 } });
    await server.saved({ workflow_id: "big", text: "x".repeat(16e6) });
    const slow = await open(server);
    slow.write(get(server, "/workflow/state"));
    for (let next = 2e6; next < 17e6; next += 2e6) {
      slow.resume();
      await until(() => slow.bytesRead > Math.min(next, 16e6), "some more came");
      slow.pause();
      // The server sees that there is room again before time goes on; kernels may tell it of several pieces at once.
      await server.get("/healthz");
      server.clock.advance(10_000);
    }
    expect(slow.bytesRead).toBeGreaterThan(16e6);
    slow.destroy();
  });
});
