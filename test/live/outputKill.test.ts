/** A server killed while output pours in: what was accepted is there, at its offset, and the rest goes on after it. */
import { expect } from "vitest";
import { processTest } from "../support/serverProcess.js";

const LOG = "/workflow/state/steps/0/log";
const ROUNDS = 8;

processTest(
  "no accepted byte of output is lost to SIGKILL, and none is doubled",
  async ({ start, folder }) => {
    let expected = "";
    for (let round = 0; round < ROUNDS; round++) {
      const server = start(folder);
      const url = await server.ready;
      if (round === 0) await save(url);
      const read = await fetch(url + LOG);
      const kept = await read.text();
      // One append may have been kept without its answer: it is whole or not there.
      expect(kept.startsWith(expected)).toBe(true);
      expect(kept.slice(expected.length)).toMatch(/^(round \d+ line \d+\n)?$/);
      expected = kept;

      let accepted = 0;
      const enough = 5 + round * 3;
      for (let line = 0; ; line++) {
        const text = `round ${round} line ${line}\n`;
        const sending = append(url, text, expected.length);
        if (accepted >= enough) {
          await server.kill();
          if (await sending) expected += text;
          break;
        }
        expect(await sending).toBe(true);
        expected += text;
        accepted += 1;
      }
    }
    expect(expected.split("\n").length).toBeGreaterThan(ROUNDS * 5);
  },
);

async function save(url: string): Promise<void> {
  const body = JSON.stringify({ workflow_id: "deploy", steps: [{ action: "build" }] });
  const headers = { "Content-Type": "application/json" };
  expect((await fetch(`${url}/workflow/state`, { method: "POST", headers, body })).status).toBe(
    200,
  );
}

/** Whether it was accepted; not, where the server was gone before it answered. */
async function append(url: string, body: string, at: number): Promise<boolean> {
  const headers = { "Content-Type": "text/plain" };
  try {
    return (await fetch(`${url}${LOG}?at=${at}`, { method: "POST", headers, body })).status === 200;
  } catch {
    return false;
  }
}
