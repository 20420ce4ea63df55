/**
 * How long the page takes over a slow mobile link (400 kbit/s, 400 ms), with its early words and without them: first words, first
 * line of a log of 20,000 lines, the page itself, live, its own first line. Needs Chromium.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInstep } from "instep";
import { chromium } from "playwright-core";

const ROUNDS = 3;
const LINK = { offline: false, latency: 400, downloadThroughput: 50_000, uploadThroughput: 50_000 };
const GOALS = { words: 2_000, status: 2_000, line: 3_000 };

const dataDir = await mkdtemp(join(tmpdir(), "instep-bench-"));
const instep = await createInstep({ dataDir });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM_PATH ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
});
try {
  const { url } = await instep.listen({ port: 0 });
  await prepare(url);
  for (const isEarly of [true, false]) {
    console.log(isEarly ? "with early words" : "without them");
    const rounds = [];
    for (let round = 0; round < ROUNDS; round += 1) rounds.push(await load(url, isEarly));
    report(rounds, isEarly);
  }
} finally {
  await browser.close();
  await instep.close({ drainMs: 1_000 });
  await rm(dataDir, { recursive: true, force: true });
}

function report(rounds, hasGoals) {
  for (const name of ["words", "status", "line", "page", "live", "own", "kilobytes"]) {
    const values = rounds.map((times) => times[name]).sort((a, b) => a - b);
    const median = values[(ROUNDS - 1) / 2];
    const goal = hasGoals && GOALS[name];
    const verdict = goal ? ` (goal ${goal}: ${median <= goal ? "held" : "missed"})` : "";
    console.log(`  ${name.padEnd(10)} ${median}  of ${values.join(" ")}${verdict}`);
  }
}

async function prepare(url) {
  const send = (method, path, type, body) =>
    fetch(url + path, { method, headers: { "Content-Type": type }, body });
  const state = {
    workflow_id: "slow",
    status: "running",
    steps: [{ action: "copy", status: "in_progress" }],
  };
  await send("POST", "/workflow/state", "application/json", JSON.stringify(state));
  const lines = Array.from({ length: 20_000 }, (_, line) => `copied file number ${line + 1}\n`);
  await send("POST", "/workflow/state/steps/0/log?workflow_id=slow", "text/plain", lines.join(""));
  state.status = state.steps[0].status = "completed";
  await send("POST", "/workflow/state", "application/json", JSON.stringify(state));
}

/** Milliseconds since the address was entered, and what travelled until the line was there. */
async function load(url, isEarly) {
  const context = await browser.newContext();
  const tab = await context.newPage();
  const devtools = await context.newCDPSession(tab);
  await devtools.send("Network.enable");
  await devtools.send("Network.emulateNetworkConditions", LINK);
  let bytes = 0;
  devtools.on("Network.loadingFinished", ({ encodedDataLength }) => {
    bytes += encodedDataLength;
  });
  const began = performance.now();
  const since = () => Math.round(performance.now() - began);
  const until = async (selector) => {
    await tab.waitForSelector(selector, { timeout: 60_000 });
    return since();
  };
  if (!isEarly) await tab.route("**/early-*.js", (route) => route.abort());
  const gone = tab.goto(`${url}/w/slow?step=copy`, { waitUntil: "commit" });
  const status = until(".early .badge, [data-testid=workflow-status]");
  const line = until(".early pre, .output-line");
  const page = until("header");
  const live = until("[data-testid=connection]:has-text('Live')");
  const own = until(".output-line");
  await gone;
  const times = { status: await status, line: await line, page: await page, live: await live };
  times.own = await own;
  times.words = await tab.evaluate(() =>
    Math.round(performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? Number.NaN),
  );
  const kilobytes = Math.round(bytes / 1000);
  await context.close();
  return { ...times, kilobytes };
}
