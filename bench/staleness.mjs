/**
 * Is the page in step while a step prints as fast as it can? For each number of lines a command prints them and fails, the page shows its log,
 * and a raw socket beside it watches the same and follows the same output: the time from the server's end of the step until each of them says
 * so. Read the page against the raw socket of the same run.
 *
 *   npm run bench:staleness -- [--lines 10000,100000,400000] [--rounds 3] [--slower 1]
 *
 * `slower`: the page's processor is throttled by so much.
 */
import { fork } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { chromium } from "playwright-core";
import { connect, median } from "./parts.mjs";

const SERVER = fileURLToPath(new URL("../dist/server/main.js", import.meta.url));

const { values } = parseArgs({
  options: {
    lines: { type: "string", default: "10000,100000,400000" },
    rounds: { type: "string", default: "3" },
    slower: { type: "string", default: "1" },
    server: { type: "string", default: SERVER },
  },
});
const counts = values.lines.split(",").map(Number);

const folder = await mkdtemp(join(tmpdir(), "instep-bench-"));
const definitions = join(folder, "workflows");
await mkdir(definitions);
for (const count of counts) await writeFile(join(definitions, `flood${count}.yaml`), recipe(count));
const server = await startServer();
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM_PATH ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu"],
});
try {
  const rows = [];
  for (const count of counts) {
    const runs = [];
    for (let round = 0; round < Number(values.rounds); round++) runs.push(await measure(count));
    rows.push(rowOf(count, runs));
  }
  console.table(rows);
} finally {
  await browser.close();
  server.process.kill();
  await rm(folder, { recursive: true, force: true });
}

/** A moment of quiet first: the page is there, and its log is shown, when it begins. */
function recipe(count) {
  return `name: flood${count}
steps:
  - action: print
    run: sleep 1; seq ${count}; exit 3
`;
}

async function startServer() {
  const flags = ["--port", "0", "--data-dir", join(folder, "data"), "--workflows", definitions];
  const process = fork(values.server, ["serve", ...flags, "--log-level", "silent"], {
    cwd: folder,
    stdio: ["ignore", "pipe", "inherit", "ipc"],
  });
  const url = await new Promise((resolve, reject) => {
    let said = "";
    process.stdout.on("data", (text) => {
      said += text;
      const found = /Page +(http:\S+)\//.exec(said)?.[1];
      if (found) resolve(found);
    });
    process.once("exit", () => reject(new Error("the server did not start")));
  });
  return { process, url };
}

async function measure(count) {
  const { url } = server;
  const raw = await connect(url);
  const answer = await fetch(`${url}/workflow/start`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ name: `flood${count}` }),
  });
  const { workflow_id } = await answer.json();
  const control = followRaw(raw, workflow_id);
  const tab = await (
    await browser.newContext({ viewport: { width: 1280, height: 800 } })
  ).newPage();
  await watchStatus(tab);
  await tab.goto(`${url}/w/${workflow_id}`);
  await tab.locator("[data-testid=output]").waitFor();
  if (values.slower !== "1") {
    const session = await tab.context().newCDPSession(tab);
    await session.send("Emulation.setCPUThrottlingRate", { rate: Number(values.slower) });
  }
  const heard = await control;
  await tab.waitForFunction(() => window.stale_.failedAt !== null, null, { timeout: 120_000 });
  await tab.locator("[data-testid=output][data-end=over]").waitFor({ timeout: 120_000 });
  const page = await tab.evaluate(() => ({ ...window.stale_, wholeAt: Date.now() }));
  const lastLine = await tab.locator(".output-line").last().textContent();
  await tab.context().close();
  raw.close();
  if (!lastLine?.endsWith(String(count))) throw new Error(`the log ends with ${lastLine}`);
  const { endedAt } = heard;
  return {
    raw: heard.failedAt - endedAt,
    page: page.failedAt - endedAt,
    log: page.wholeAt - endedAt,
    turn: page.longestMs,
    saidBehind: page.saidBehind,
  };
}

/** The state, and all of the output, over one socket. */
async function followRaw(raw, workflow_id) {
  let ended = null;
  raw.send({ type: "subscribe", workflow_id });
  raw.send({ type: "follow_log", workflow_id, step: 0 });
  await raw.until((frame) => {
    const status =
      frame.state?.status ?? frame.patch?.find(({ path }) => path === "/status")?.value;
    const end =
      frame.state?.end_time ?? frame.patch?.find(({ path }) => path === "/end_time")?.value;
    if (status === "failed" && end) ended = { failedAt: Date.now(), endedAt: Date.parse(end) };
    return ended !== null;
  });
  return ended;
}

/** When the page says that it failed, by its own clock, which is this machine's; and for how long nothing else could happen on it. */
function watchStatus(tab) {
  return tab.addInitScript(() => {
    const seen = { failedAt: null, longestMs: 0, saidBehind: false };
    window.stale_ = seen;
    new MutationObserver(() => {
      const status = document.querySelector("[data-testid=workflow-status]");
      if (status?.dataset.status === "failed") seen.failedAt ??= Date.now();
      const said = document.querySelector("[data-testid=log-status]")?.textContent;
      if (said?.includes("Catching up")) seen.saidBehind = true;
    }).observe(document, { subtree: true, childList: true, attributes: true });
    let before = null;
    const look = () => {
      const now = performance.now();
      // Not what the page itself took to load.
      if (before !== null && document.querySelector(".output-line"))
        seen.longestMs = Math.max(seen.longestMs, now - before);
      before = now;
      setTimeout(look, 5);
    };
    look();
  });
}

function rowOf(count, runs) {
  const of = (name) => runs.map((run) => run[name]);
  const both = (name) => `${Math.round(median(of(name)))} / ${Math.round(Math.max(...of(name)))}`;
  return {
    lines: count,
    "raw socket (ms, median / worst)": both("raw"),
    "page says so": both("page"),
    "log is whole": both("log"),
    "longest turn": both("turn"),
    "said it was behind": `${of("saidBehind").filter(Boolean).length} of ${runs.length}`,
  };
}
