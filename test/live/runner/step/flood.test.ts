/** A command that prints as fast as it can: every byte that is kept comes to every follower once and in order, and the server's memory stays small. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect } from "vitest";
import { WebSocket } from "ws";
import { createClient, type WebSocketConstructor } from "../../../../client/index.js";
import { whileMoving } from "../../../support/deadline.js";
import { cliTest } from "../../../support/servers/builtCommand.js";
import { runnerAt } from "../../../support/servers/runnerWorld.js";

const LINES = 13_000_000; // A hundred megabytes, and more than is kept.
/** As long as it gets on; `whileMoving` catches what hangs. */
const NO_HURRY_MS = 1_800_000;
const MOST_GROWTH = 160 * 1024 * 1024;

/** Reads lines with one number each, and throws where one is missing without a word, doubled, or out of order. */
function numberReader() {
  let rest = "";
  let last = 0;
  let gaps = 0;
  let isBehindGap = false;
  let cut: string | null = null;
  const gap = () => {
    gaps += 1;
    isBehindGap = true;
    cut = null;
  };
  const take = (line: string) => {
    if (line.startsWith("[instep: ")) return gap();
    if (cut !== null) throw new Error(`${cut} came after ${last}, and no gap after it`);
    if (!/^\d{8}$/.test(line)) {
      // A line may be cut on both sides of a gap, and nowhere else.
      if (!isBehindGap) cut = line;
      return;
    }
    const number = Number(line);
    if (number !== last + 1 && !(isBehindGap && number > last)) {
      throw new Error(`${line} came after ${last}`);
    }
    last = number;
    isBehindGap = false;
  };
  return {
    add(text: string) {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) take(line);
    },
    /** Something was left out: what is at hand is cut. */
    skip() {
      rest = "";
      gap();
    },
    get last() {
      return last;
    },
    get gaps() {
      return gaps;
    },
  };
}

describe("a hundred megabytes at full speed", () => {
  cliTest(
    "a hundred megabytes at full speed reach curl and a tab in order, each once, and cost little memory",
    async ({ serve, folder }) => {
      const workflows = path.join(folder, "workflows");
      mkdirSync(workflows);
      const flood = { name: "flood", steps: [{ action: "print", run: `seq -w 1 ${LINES}` }] };
      writeFileSync(path.join(workflows, "flood.yaml"), JSON.stringify(flood));
      const { url, process } = await serve();
      const memory = () =>
        Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${process.pid}/status`, "utf8"))?.[1]) *
        1024;
      const before = memory();
      const world = runnerAt(() => url, workflows);
      const id = await world.start("flood");

      const curl = numberReader();
      const reading = (async () => {
        const answer = await fetch(`${url}/workflow/state/steps/0/log?workflow_id=${id}&follow=1`);
        const decoder = new TextDecoder();
        for await (const bytes of answer.body!) curl.add(decoder.decode(bytes, { stream: true }));
      })();
      const tab = numberReader();
      const client = createClient({ url, WebSocket: WebSocket as unknown as WebSocketConstructor });
      let most = 0;
      const following = new Promise<void>((resolve, reject) => {
        client.followLog(
          id,
          0,
          { attempt: 1 },
          {
            piece: ({ text, skipped }) => {
              try {
                if (skipped > 0) tab.skip();
                tab.add(text);
              } catch (wrong) {
                reject(wrong);
              }
              most = Math.max(most, memory());
            },
            end: ({ reason }) => reason === "over" && resolve(),
          },
        );
      });
      // Both end once the step is over.
      await whileMoving(
        Promise.all([reading, following]),
        () => `curl at ${curl.last}, the tab at ${tab.last}`,
      );
      expect((await world.until(id, ({ status }) => status !== "running")).status).toBe(
        "completed",
      );
      client.close();

      // The readers would have thrown if bytes were missing without a word that they were too slow for the cap.
      expect([curl.last, tab.last]).toEqual([LINES, LINES]);
      const late = numberReader();
      const kept = await fetch(
        `${url}/workflow/state/steps/0/log?workflow_id=${id}&from=0&follow=1`,
      );
      late.add(await kept.text());
      expect([late.last, late.gaps]).toEqual([LINES, 1]);
      expect(most - before).toBeLessThan(MOST_GROWTH);
    },
    NO_HURRY_MS,
  );
});
