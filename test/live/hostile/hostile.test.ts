/** Floods, requests that make no sense, and links that break: whoever behaves does not notice. */
import { connect } from "node:net";
import { describe, expect } from "vitest";
import { requestText, sendRaw, upgradeText } from "../../support/links/rawHttp.js";
import type { RawTab } from "../../support/links/rawTab.js";
import { TcpProxy } from "../../support/links/tcpProxy.js";
import { witness } from "../../support/model/witness.js";
import { liveTest } from "../../support/servers/liveServer.js";

const STATE = "/workflow/state";
const PROTOCOL = "Sec-WebSocket-Protocol: instep.v1";

describe("floods", () => {
  liveTest("floods of commands slow down their sender only", async ({ serve }) => {
    const server = await serve({ limits: { commandsPerSecond: 1, commandBurst: 100 } });
    const { isUnharmed } = await witness(server);
    const hasty = await server.openTab();
    for (let i = 0; i < 1_000; i++) {
      hasty.propose({ kind: "save", state: { workflow_id: "flooded", i } });
    }
    const answers: string[] = [];
    while (answers.length < 1_000) answers.push((await hasty.next()).type);
    expect(answers.filter((type) => type === "accepted")).toHaveLength(100);
    await isUnharmed();
  });

  liveTest("floods of pieces of one frame end the socket", async ({ serve }) => {
    const server = await serve();
    const { isUnharmed } = await witness(server);
    const tab = await server.openTab();
    for (let i = 0; i < 1_000; i++) tab.socket.send("x", { fin: false });
    expect((await tab.closed).code).toBe(1008);
    await isUnharmed();
  });

  liveTest("floods of headers are refused", async ({ serve }) => {
    const server = await serve();
    const { isUnharmed } = await witness(server);
    const host = `Host: 127.0.0.1:${server.port}`;
    const headers = [host, ...Array.from({ length: 3_000 }, (_, i) => `X-${i}: ${i}`)];
    expect((await sendRaw(server.port, requestText("GET", STATE, headers))).status).toBe(431);
    const upgrade = upgradeText("/workflow/live", [...headers, PROTOCOL]);
    expect((await sendRaw(server.port, upgrade)).status).toBe(431);
    await isUnharmed();
  });
});

describe("odd requests", () => {
  liveTest.for([
    "/%",
    "/w/%zz",
    "/assets/%zz",
    "/assets/..%2f..%2fpackage.json",
    "/assets/%00",
    "/assets/",
    `${STATE}/steps/%zz`,
    `${STATE}/steps/9007199254740993`,
    "//workflow/state",
    "/workflow/state/../../etc/passwd",
  ])("GET %s is answered, and says nothing of the machine", async (path, { serve }) => {
    const server = await serve();
    const { isUnharmed } = await witness(server);
    const host = `Host: 127.0.0.1:${server.port}`;
    const { status, body } = await sendRaw(server.port, requestText("GET", path, [host]));
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
    expect(body).not.toMatch(/node_modules|\.js:\d+|root:/);
    await isUnharmed();
  });

  liveTest(
    "odd requests that are no HTTP are answered or cut, and the process lives",
    async ({ serve }) => {
      const server = await serve();
      const { isUnharmed } = await witness(server);
      for (const text of [
        "\r\n\r\n",
        "GET",
        "\u0000\u0001\u0002\r\n\r\n",
        "GET / HTTP/9.9\r\n\r\n",
        "POST /x HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
      ]) {
        const socket = connect({ port: server.port, host: "127.0.0.1" });
        await new Promise((sent) => socket.write(text, sent));
        socket.resetAndDestroy();
      }
      await isUnharmed();
    },
  );
});

describe("broken links", () => {
  const save = (tab: RawTab, text: string) =>
    tab.accepted({ kind: "save", state: { workflow_id: "sliced", text } });

  liveTest("a link that breaks within a frame harms nobody else", async ({ serve }) => {
    const server = await serve();
    const { isUnharmed } = await witness(server);
    const host = `Host: 127.0.0.1:${server.port}`;
    for (const pieces of [1, 2, 3, 7]) {
      const socket = connect({ port: server.port, host: "127.0.0.1" });
      socket.on("error", () => {});
      socket.write(upgradeText("/workflow/live", [host, PROTOCOL]));
      await new Promise((greeted) => socket.once("data", greeted));
      // The head of a masked text frame of 100 bytes, and some of it.
      const frame = Buffer.concat([Buffer.from([0x81, 0x80 | 100, 1, 2, 3, 4]), Buffer.alloc(100)]);
      await new Promise((sent) => socket.write(frame.subarray(0, pieces), sent));
      socket.resetAndDestroy();
    }
    await isUnharmed();
  });

  liveTest("a link that carries one byte at a time carries everything", async ({ serve }) => {
    const link = await TcpProxy.start();
    const server = await serve({ allowedHosts: [`127.0.0.1:${link.port}`] });
    link.leadTo(server.port);
    const tab = await server.openTab({}, link.port);
    tab.subscribe("*");
    await tab.take("snapshot");
    link.slice();
    const text = "sliced ".repeat(500);
    expect(await save(tab, text)).toMatchObject({ revision: 1 });
    expect((await server.get()).body.state.text).toBe(text);
    await link.close();
  });
});
