/** Output and a server process: killed without warning, and flooded for tabs that do not read. */
import { readFileSync } from "node:fs";
import { expect } from "vitest";
import { WebSocket } from "ws";
import { within } from "../../support/deadline.js";
import { cliTest, type Started } from "../../support/servers/builtCommand.js";

const LOG = "/workflow/state/steps/0/log";
const MIB = 1024 * 1024;
const TABS = 24;

const start = (url: string) =>
  fetch(`${url}/workflow/state`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ workflow_id: "w", steps: [{ action: "build" }] }),
  });

const append = (url: string, body: string, at: number) =>
  fetch(`${url}${LOG}?at=${at}`, {
    method: "POST",
    headers: { "Content-Type": "text/plain" },
    body,
  });

cliTest("every acknowledged byte outlives a kill, and offsets go on", async ({ serve }) => {
  let server: Started = await serve();
  await start(server.url);
  let acknowledged = "";
  for (let life = 0; life < 3; life++) {
    let answered = 0;
    for (;;) {
      const piece = `${life}.${answered} `.padEnd(5_000, "x");
      const asked = append(server.url, piece, acknowledged.length);
      // Somewhere in the middle of one, another moment each time.
      if (answered === 20 + life) server.process.signal("SIGKILL");
      const answer = await asked.then((got) => (got.ok ? got.json() : null)).catch(() => null);
      if (answer === null) break;
      acknowledged += piece;
      expect(answer.next).toBe(acknowledged.length);
      answered += 1;
    }
    await server.process.exitCode;
    server = await serve();
    const kept = await (await fetch(server.url + LOG)).text();
    expect(kept.startsWith(acknowledged)).toBe(true);
    // The append that was cut off may be there in part; the server tells where it ends.
    const moved = await append(server.url, "", kept.length + 1);
    expect(await moved.json()).toMatchObject({ code: "offset_moved", next: kept.length });
    acknowledged = kept;
  }
});

cliTest("tabs that do not read cost the server no memory", async ({ serve }) => {
  const { url, process } = await serve();
  await start(url);
  const rss = () =>
    Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${process.pid}/status`, "utf8"))?.[1]) * 1024;
  let at = 0;
  const print = async (megabytes: number) => {
    for (let i = 0; i < megabytes; i++) {
      const answer = await append(url, "x".repeat(MIB), at);
      at = (await answer.json()).next;
    }
  };
  await print(4);
  const tabs: WebSocket[] = [];
  for (let i = 0; i < TABS; i++) {
    const tab = new WebSocket(`${url.replace("http", "ws")}/workflow/live`, "instep.v1");
    tabs.push(tab);
    await within(new Promise((resolve) => tab.once("open", resolve)), () => "a tab to open");
    tab.pause();
    tab.send('{"type":"follow_log","workflow_id":"w","step":0}');
  }
  const before = rss();
  await print(16);
  // Kept for each of them it would be 480 MiB.
  expect(rss() - before).toBeLessThan(160 * MIB);
  for (const tab of tabs) tab.terminate();
});
