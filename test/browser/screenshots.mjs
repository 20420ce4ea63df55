/**
 * Pictures of the page: a server with real runs, at a made-up time so that they come out the same. `npm run screenshots [folder]`
 * The few of documents go to `client/ui/pictures`; every page in every size and both themes to `screenshots`, which is not kept.
 */
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createInstep } from "instep";
import { chromium } from "playwright-core";
import { systemClock } from "../../dist/shared/clock.js";
import { DEFINITIONS } from "./screenshotDefinitions.mjs";
import { smallPng } from "./smallPng.mjs";

const root = (path) => fileURLToPath(new URL(`../../${path}/`, import.meta.url));
const ALL = process.argv[2] ?? root("screenshots");
const README = process.argv[2] ?? root("client/ui/pictures");

/** A made-up now, moved on from one run to the next. */
let ahead = Date.parse("2026-03-03T02:00:00Z") - Date.now();
const clock = { ...systemClock, now: () => Date.now() + ahead };
const moveTo = (time) => {
  ahead = Date.parse(time) - Date.now();
};

const dataDir = await mkdtemp(join(tmpdir(), "instep-pictures-"));
const workflowsDir = join(dataDir, "definitions");
await mkdir(workflowsDir);
for (const folder of [ALL, README]) await mkdir(folder, { recursive: true });
for (const [file, source] of Object.entries(DEFINITIONS)) {
  await writeFile(join(workflowsDir, file), source);
}
/** A site of somebody else, at an origin of its own. */
const site = createServer((_request, response) => {
  response.setHeader("Content-Type", "text/html").end(foreignPage(url));
});
site.listen(0, "127.0.0.1");
await once(site, "listening");
const siteUrl = `http://127.0.0.1:${site.address().port}`;
const foreignPage = (server) => `<!doctype html><meta charset="utf-8"><title>Orchard</title>
<style>:root { color-scheme: light dark } body { font: 17px/1.5 Georgia, serif; margin: 0; background: light-dark(#fbf7ee, #1d1a14) }
header { background: light-dark(#33502f, #22331f); color: #fff; padding: 14px 32px; font-size: 1.3em }
main { max-width: 46em; margin: 24px auto; padding: 0 32px } small { color: GrayText }</style>
<header>Orchard · back office</header><main><h1>Nightly jobs</h1>
<p>Prices and stock are copied every night. This is the run of now:</p>
<instep-workflow workflow-id="backup-0341"></instep-workflow>
<p>And this one waits for somebody:</p>
<instep-workflow workflow-id="setup-7"></instep-workflow>
<p><small>This page is at an origin of its own, and Instep at another.</small></p></main>
<script type="module" src="${server}/instep-workflow.js"></script>`;

const env = { PATH: process.env.PATH };
const open = () =>
  createInstep({
    ...{ dataDir, workflowsDir, env, clock, clearAfterMs: 10 * 86_400_000 },
    allowedOrigins: [siteUrl],
  });

async function post(path, body) {
  const answer = await fetch(url + path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
}

/** Started, and looked at until it is `there`. */
async function run(name, workflow_id, isThere, inputs = {}) {
  await post("/workflow/start", { name, workflow_id, inputs });
  for (;;) {
    const answer = await fetch(`${url}/workflow/state?workflow_id=${workflow_id}`);
    const { state } = await answer.json();
    if (isThere(state)) return;
    if (state.status === "failed") throw new Error(`${workflow_id}: ${state.error_message}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const hasEnded = ({ end_time }) => end_time !== undefined;

let instep = await open();
let { url } = await instep.listen({ port: 0 });
await run("backup", "backup-0340", hasEnded, { quick: "yes" });
moveTo("2026-03-04T07:40:00Z");
await run("migrate", "migrate-9", ({ steps }) => steps[1]?.progress === 0.45);
moveTo("2026-03-04T07:44:21Z");
await instep.close({ drainMs: 0 });
instep = await open();
({ url } = await instep.listen({ port: 0 }));
moveTo("2026-03-04T08:02:00Z");
await run("deploy", "deploy-118", hasEnded);
moveTo("2026-03-04T08:31:00Z");
await post("/workflow/state", {
  workflow_id: "import-2",
  title: "Import the customers",
  status: "cancelled",
  start_time: "2026-03-04T08:19:00Z",
  steps: [{ action: "read", title: "Read the old system", status: "cancelled" }],
});
moveTo("2026-03-04T09:41:00Z");
await run("setup", "setup-7", ({ status }) => status === "blocked");
await run("backup", "backup-0341", ({ steps }) => steps[2]?.progress === 0.62);
moveTo("2026-03-04T09:52:03Z");

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM_PATH ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--no-first-run"],
});

async function shoot(folder, name, path, colorScheme, width, height, ready) {
  await shootAt(url + path, folder, name, colorScheme, width, height, async (page) => {
    await page.locator("[data-testid=connection][data-phase=live]").waitFor();
    await ready(page);
  });
}

async function shootAt(address, folder, name, colorScheme, width, height, ready) {
  const isPhone = width < 640;
  const context = await browser.newContext({
    colorScheme,
    viewport: { width, height },
    hasTouch: isPhone,
    isMobile: isPhone,
    locale: "en-GB",
    timezoneId: "UTC",
    reducedMotion: "reduce",
  });
  const page = await context.newPage();
  await page.goto(address);
  await ready(page);
  // The pointer is nowhere, and what comes a moment later has come.
  await page.evaluate(() => document.fonts.ready);
  await page.waitForTimeout(400);
  const picture = smallPng(await page.screenshot());
  await writeFile(join(folder, `${name}-${colorScheme}.png`), picture);
  await context.close();
}

async function elements(page) {
  for (const id of ["backup-0341", "setup-7"])
    await page.locator(`instep-workflow[workflow-id=${id}][data-standing=live]`).waitFor();
}

const shown = (selector) => (page) => page.locator(selector).first().waitFor();
const text = (words) => (page) => page.getByText(words).first().waitFor();
async function list(page) {
  // From the plain list the page would go on to the current workflow.
  await page.getByRole("link", { name: "Clear filters" }).click();
  await page.locator("[data-workflow-id=backup-0340]").waitFor();
}
const phoneTab = (tab, ready) => async (page) => {
  await page.locator(`#tab-${tab}`).click();
  await ready(page);
};

const LIST = "/?q=nothing-like-it";
const LOG = text("changed while it was read");
const QUESTION = shown("[data-testid=question]");
const PAGES = [
  ["run", "/w/backup-0341", shown("[data-step]")],
  ["list", LIST, list],
  ["start", "/start", shown("[data-testid=definitions]")],
  ["form", "/start/setup", shown("[data-testid=start-form]")],
  ["question", "/w/setup-7", QUESTION],
  ["failed", "/w/deploy-118", shown("[data-step]")],
  ["interrupted", "/w/migrate-9", shown("[data-testid=banner]")],
  ["completed", "/w/backup-0340", shown("[data-step]")],
];
const SIZES = [
  [390, 844],
  [640, 400],
  [768, 1024],
  [1280, 800],
  [1920, 1080],
];

try {
  for (const scheme of ["light", "dark"]) {
    for (const [name, path, ready] of PAGES) {
      for (const [width, height] of SIZES)
        await shoot(ALL, `${name}-${width}`, path, scheme, width, height, ready);
    }
    await shoot(ALL, "log-390", "/w/backup-0341", scheme, 390, 844, phoneTab("log", LOG));
    await shoot(README, "list", LIST, scheme, 1280, 536, list);
    await shoot(README, "workflow", "/w/backup-0341", scheme, 1280, 780, LOG);
    await shoot(README, "phone-list", LIST, scheme, 390, 780, list);
    await shoot(README, "phone-question", "/w/setup-7", scheme, 390, 780, QUESTION);
    await shootAt(siteUrl, README, "element", scheme, 900, 860, elements);
  }
} finally {
  await browser.close();
  site.close();
  await instep.close({ drainMs: 0 });
  await rm(dataDir, { recursive: true, force: true });
}
