/**
 * How does the page's log bear a long output? One step that printed much is opened in headless Chromium: the time from the address to the first
 * line of the log, then the longest frame while a reader scrolls from the end towards the start, and while new lines keep coming.
 *
 *   node bench/log.mjs [--megabytes 50] [--screens 600] [--seconds 5]
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createInstep } from "instep";
import { chromium } from "playwright-core";
import { round } from "./parts.mjs";

const { values } = parseArgs({
  options: {
    megabytes: { type: "string", default: "50" },
    screens: { type: "string", default: "600" },
    seconds: { type: "string", default: "5" },
  },
});
const [megabytes, screens, seconds] = ["megabytes", "screens", "seconds"].map((name) =>
  Number(values[name]),
);
const LOG = "/workflow/state/steps/0/log";
const PIECE_BYTES = 512 * 1024;

const dataDir = await mkdtemp(join(tmpdir(), "instep-bench-"));
const instep = await createInstep({
  dataDir,
  limits: { commandsPerSecond: 1e9, commandBurst: 1e9 },
});
const { url } = await instep.listen({ port: 0 });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM_PATH ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu"],
});
try {
  await bench();
} finally {
  await browser.close();
  await instep.close();
  await rm(dataDir, { recursive: true, force: true });
}

async function bench() {
  await save({ workflow_id: "log", steps: [{ action: "build", status: "in_progress" }] });
  let lines = 0;
  for (let bytes = 0; bytes < megabytes * 1024 * 1024; ) {
    const piece = pieceFrom(lines);
    await print(piece.text);
    lines += piece.lines;
    bytes += piece.text.length;
  }
  const tab = await (await browser.newContext()).newPage();
  const paint = await firstPaint(tab);
  const scrolling = await frames(tab, () => scrollUp(tab));
  await tab.locator("[data-testid=log-follow]").click();
  await tab.getByText(`line ${lines - 1} `).waitFor();
  const following = await frames(tab, () => printFor(seconds, lines));
  console.table([
    { what: "first line drawn after", ms: round(paint) },
    { what: "longest frame while scrolling", ms: round(scrolling.longest) },
    { what: "longest frame while following", ms: round(following.longest) },
  ]);
  console.log(
    `a log of ${megabytes} MiB, ${lines} lines: first drawn after ${round(paint)} ms, longest frame ${round(scrolling.longest)} ms (${scrolling.count} frames scrolling), ${round(following.longest)} ms (${following.count} frames following)`,
  );
}

function save(state) {
  return fetch(`${url}/workflow/state`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(state),
  });
}

async function print(body) {
  const headers = { "Content-Type": "text/plain" };
  const answer = await fetch(url + LOG, { method: "POST", headers, body });
  if (!answer.ok) throw new Error(await answer.text());
}

/** As a build prints it: short and long lines, a colour here and there. */
function pieceFrom(first) {
  let text = "";
  let lines = 0;
  while (text.length < PIECE_BYTES) {
    const number = first + lines;
    const colour = number % 7 === 0 ? "\u001b[32mok\u001b[0m" : "cc";
    text += `line ${number} ${colour} -o build/main-${number}.o ${"x".repeat((number * 31) % 90)}\n`;
    lines += 1;
  }
  return { text, lines };
}

/** In the page's own time, so that what the bench itself costs is not in it. */
async function firstPaint(tab) {
  await tab.addInitScript(() => {
    const look = () => {
      if (!document.querySelector(".output-line")) return requestAnimationFrame(look);
      requestAnimationFrame(() => {
        window.firstLineAt = performance.now();
      });
    };
    requestAnimationFrame(look);
  });
  await tab.goto(`${url}/w/log`);
  await tab.waitForFunction(() => window.firstLineAt !== undefined);
  return tab.evaluate(() => window.firstLineAt);
}

async function frames(tab, run) {
  await tab.evaluate(() => {
    const seen = { longest: 0, count: 0, isOver: false };
    window.frames_ = seen;
    let before = performance.now();
    const look = (now) => {
      seen.longest = Math.max(seen.longest, now - before);
      seen.count += 1;
      before = now;
      if (!seen.isOver) requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
  await run();
  return tab.evaluate(() => {
    window.frames_.isOver = true;
    return window.frames_;
  });
}

/** A screen a frame, and a wait where older lines have to come first. */
function scrollUp(tab) {
  return tab.evaluate(async (count) => {
    const log = document.querySelector("[data-testid=output]");
    log.dispatchEvent(new WheelEvent("wheel", { deltaY: -1 }));
    for (let screen = 0; screen < count; screen++) {
      log.scrollTop -= log.clientHeight * 0.9;
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
  }, screens);
}

async function printFor(time, first) {
  const end = performance.now() + time * 1000;
  for (let number = first; performance.now() < end; number += 20) {
    let text = "";
    for (let line = 0; line < 20; line++) text += `line ${number + line} cc -o more.o\n`;
    await print(text);
  }
}
