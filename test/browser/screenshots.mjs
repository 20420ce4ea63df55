/** The README's pictures: a server with real runs, at a made-up time so that they come out the same. `npm run screenshots`. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { createInstep } from "../../dist/server/server.js";
import { systemClock } from "../../dist/shared/clock.js";

const FOLDER =
  process.argv[2] ?? fileURLToPath(new URL("../../client/ui/pictures/", import.meta.url));

const DEFINITIONS = {
  "backup.yaml": `
name: backup
title: Nightly backup
steps:
  - { action: check-ssh, title: Check the connection, run: 'echo "gpu-box-7 answers, host key known"' }
  - { action: packages, title: List the packages, run: 'echo "214 packages, 3 newer than last night"' }
  - action: copy
    title: Copy the files
    run: |
      echo "sending incremental file list"
      echo "::group::etc"
      for name in nginx.conf sites/shop sites/blog cron.d/renew; do echo "etc/$name"; done
      echo "::endgroup::"
      for day in 10 11 12 13 14 15 16 17 18 19 20 21; do printf 'photos/2026-02-%s.tar   \\033[32m%s kB\\033[0m\\n' $day $((day * 731 % 977 + 4000)); done
      printf '\\033[33mwarning: photos/2026-02-13.tar changed while it was read\\033[0m\\n'
      echo "::progress 62::1,204,331 of 1,942,470 kB"
      printf '  1,204,331,008  62%%   11.80MB/s    0:01:02\\r'
      test -n "$INPUT_QUICK" || sleep 600
  - { action: verify, title: Compare what arrived, run: 'echo "all 1,204 files are the same"' }
  - { action: tidy, title: Remove what is older than 30 days, run: 'echo "2 removed"' }
inputs:
  quick: { type: string, title: Quick }
`,
  "deploy.yaml": `
name: deploy
title: Deploy the shop
steps:
  - { action: fetch, title: Fetch the sources, run: 'echo "at 4f1c2ab"' }
  - action: build
    title: Build
    run: |
      echo "building 214 modules"
      printf '\\033[31merror TS2345\\033[0m: src/cart.ts:41:12 - Argument of type string is not assignable\\n' >&2
      exit 1
  - { action: publish, title: Publish, run: "true" }
`,
  "setup.yaml": `
name: setup
title: Set up gpu-box-7
steps:
  - { action: check, title: Check the machine, run: 'echo "8 GPUs"' }
  - action: confirm-dns
    title: Confirm the DNS entry
    ask:
      prompt: The A record of gpu-box-7 still points to 10.0.0.9. Switch it now?
      fields:
        switch: { type: boolean, required: true, title: Switch it }
        ttl: { type: number, default: 300, min: 60, title: Time to live in seconds }
  - { action: reload, title: Reload the zone, run: "true" }
`,
};

/** A made-up now, moved on from one run to the next. */
let ahead = Date.parse("2026-03-03T02:00:00Z") - Date.now();
const clock = { ...systemClock, now: () => Date.now() + ahead };
const moveTo = (time) => {
  ahead = Date.parse(time) - Date.now();
};

const dataDir = await mkdtemp(join(tmpdir(), "instep-pictures-"));
const workflowsDir = join(dataDir, "definitions");
await mkdir(workflowsDir);
await mkdir(FOLDER, { recursive: true });
for (const [file, source] of Object.entries(DEFINITIONS)) {
  await writeFile(join(workflowsDir, file), source);
}
const env = { PATH: process.env.PATH };
const instep = await createInstep({
  dataDir,
  workflowsDir,
  env,
  clock,
  clearAfterMs: 10 * 86_400_000,
});
const { url } = await instep.listen({ port: 0 });

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

await run("backup", "backup-0340", hasEnded, { quick: "yes" });
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

async function shoot(name, path, colorScheme, width, height, ready) {
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
  // Away from the list, and not as the first view: what was found at the load has a banner.
  await page.goto(`${url}/?q=nothing-like-it`);
  await page.locator("[data-testid=connection][data-phase=live]").waitFor();
  await page.getByRole("button", { name: "Dismiss" }).click();
  await page.goto(url + path);
  await page.locator("[data-testid=connection][data-phase=live]").waitFor();
  await ready(page);
  await page.screenshot({ path: join(FOLDER, `${name}-${colorScheme}.png`) });
  await context.close();
}

async function list(page) {
  await page.getByRole("link", { name: "Instep" }).click();
  await page.locator("[data-workflow-id=backup-0340]").waitFor();
}
const log = (page) => page.getByText("changed while it was read").first().waitFor();
const question = (page) => page.locator("[data-testid=question]").waitFor();
/** From the list itself the page would go on to the current workflow. */
const LIST = "/?q=-";

try {
  for (const scheme of ["light", "dark"]) {
    await shoot("list", LIST, scheme, 1280, 536, list);
    await shoot("workflow", "/w/backup-0341", scheme, 1280, 780, log);
    await shoot("phone-list", LIST, scheme, 390, 780, list);
    await shoot("phone-question", "/w/setup-7", scheme, 390, 780, question);
  }
} finally {
  await browser.close();
  await instep.close({ drainMs: 0 });
  await rm(dataDir, { recursive: true, force: true });
}
