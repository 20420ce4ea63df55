/** Pictures of the page in its situations, to look at by hand: `npm run build && node test/browser/screenshots.mjs <folder>`. */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { createInstep } from "../../dist/server/server.js";

const folder = process.argv[2] ?? "screenshots";
await mkdir(folder, { recursive: true });

const ago = (seconds) => new Date(Date.now() - seconds * 1_000).toISOString();
const done = (action, title, from, until, more = {}) => ({
  action,
  title,
  status: "completed",
  started_at: ago(from),
  finished_at: ago(until),
  ...more,
});

const WORKFLOWS = {
  running: {
    workflow_id: "backup-0341",
    title: "Nightly backup of gpu-box-7",
    status: "running",
    current_step: 3,
    start_time: ago(191),
    steps: [
      done("check-ssh", "Check the connection", 191, 190.2),
      done("mkdir", "Make the folders", 190, 189.8, { data: { folders: 12 } }),
      done("packages", "Install packages", 189, 65, { completion_note: "214 packages, 3 updated" }),
      {
        action: "copy",
        title: "Copy the files",
        status: "in_progress",
        attempt: 2,
        progress: 0.62,
        message: "1,204,331 of 1,942,470 kB, 11.8 MB/s",
        started_at: ago(63),
        tasks: [
          { name: "etc.tar", status: "completed", note: "4 MB" },
          { name: "home.tar", status: "in_progress" },
          { name: "site.tar", status: "pending" },
        ],
      },
      { action: "confirm-dns", title: "Confirm the DNS entry" },
      { action: "notify", title: "Tell the team", status: "skipped" },
      { action: "cleanup" },
    ],
  },
  blocked: {
    workflow_id: "setup-7",
    title: "Set up gpu-box-7",
    status: "blocked",
    current_step: 1,
    start_time: ago(2_292),
    block_info: { prompt: "The A record for web-7 still points to 10.0.0.9. Switch it now?" },
    steps: [
      done("check-ssh", "Check the connection", 2_292, 2_290),
      {
        action: "confirm-dns",
        title: "Confirm the DNS entry",
        status: "blocked",
        started_at: ago(500),
      },
      { action: "reload" },
    ],
  },
  failed: {
    workflow_id: "deploy-web-118",
    title: "Deploy the shop",
    name: "deploy",
    status: "failed",
    current_step: 1,
    start_time: ago(4_000),
    end_time: ago(3_931),
    error_message: "build: exit 1",
    steps: [
      done("fetch", "Fetch the sources", 4_000, 3_990),
      {
        action: "build",
        title: "Build",
        status: "failed",
        attempt: 2,
        error:
          "error TS2345: Argument of type 'string' is not assignable to parameter of type 'number'.\n  src/cart.ts:41:12",
        started_at: ago(3_990),
        finished_at: ago(3_931),
      },
      { action: "publish", title: "Publish", status: "cancelled" },
    ],
  },
  interrupted: {
    workflow_id: "deploy-api-44",
    title: "Deploy the API",
    status: "interrupted",
    current_step: 1,
    start_time: ago(7_400),
    steps: [
      done("test", "Run the tests", 7_400, 7_000),
      { action: "migrate", status: "interrupted", progress: 0.3, started_at: ago(7_000) },
      { action: "restart" },
    ],
  },
  completed: {
    workflow_id: "workflow_1772617923123_k3f9zq",
    status: "completed",
    current_step: 1,
    start_time: ago(90_000),
    end_time: ago(89_249),
    steps: [done("archive", undefined, 90_000, 89_500), done("verify", undefined, 89_500, 89_249)],
  },
  cancelled: {
    workflow_id: "import-2",
    title:
      "Import a very long list of customers from the old system into the new one, second try, with all their addresses",
    status: "cancelled",
    current_step: 0,
    start_time: ago(300_000),
    end_time: ago(299_000),
    steps: [
      { action: "read", status: "cancelled", started_at: ago(300_000), finished_at: ago(299_000) },
    ],
  },
};

const dataDir = await mkdtemp(join(tmpdir(), "instep-screenshots-"));
const instep = await createInstep({ dataDir, clearAfterMs: 3_600_000 });
const { url } = await instep.listen({ port: 0 });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM_PATH ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--no-first-run"],
});

const post = (state) =>
  fetch(`${url}/workflow/state`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(state),
  });

async function shoot(name, path, colorScheme, width, prepare = async () => {}) {
  const context = await browser.newContext({
    colorScheme,
    viewport: { width, height: 800 },
    reducedMotion: "reduce",
  });
  const page = await context.newPage();
  await page.goto(url + path);
  await page.locator("main > *").first().waitFor();
  await page.locator("[data-testid=connection][data-phase=live]").waitFor();
  await prepare(page, context);
  await page.screenshot({
    path: join(folder, `${name}-${colorScheme}-${width}.png`),
    fullPage: true,
  });
  await context.close();
}

try {
  for (const width of [1280, 390]) await shoot("empty", "/", "light", width);
  for (const state of Object.values(WORKFLOWS).reverse()) await post(state);
  for (const colorScheme of ["light", "dark"]) {
    for (const width of [1280, 390]) {
      // By way of another address: from the list itself the page goes on to the current workflow.
      await shoot("list", "/w/nothing", colorScheme, width, async (page) => {
        await page.getByRole("link", { name: "All workflows" }).click();
        await page.locator("[data-workflow-id]").first().waitFor();
      });
      for (const [name, { workflow_id }] of Object.entries(WORKFLOWS)) {
        await shoot(name, `/w/${workflow_id}`, colorScheme, width, async (page) => {
          await page.locator("[data-step]").first().waitFor();
        });
      }
    }
  }
  await shoot("dialog", "/w/deploy-web-118", "light", 1280, (page) =>
    page.locator("[data-testid=clear]").click(),
  );
  await shoot("narrow", "/w/backup-0341", "light", 320);
  for (const width of [1280, 390]) {
    await shoot("banner", "/", "light", width, (page) =>
      page.locator("[data-testid=banner]").waitFor(),
    );
    await shoot("example", "/w/nothing", "light", width, async (page) => {
      await page.getByRole("link", { name: "All workflows" }).click();
      await page.locator("[data-testid=run-example]").click();
      await page.locator("[data-step='2'] .task").last().waitFor();
    });
  }
  await shoot("offline", "/w/backup-0341", "light", 390, async (page, context) => {
    await page.locator("[data-step]").first().waitFor();
    await context.setOffline(true);
    await page.evaluate(() => window.dispatchEvent(new Event("offline")));
    await page.locator("[data-testid=connection][data-phase=offline]").waitFor();
  });
  await shoot("lost", "/w/backup-0341", "dark", 390, async (page) => {
    await page.locator("[data-step]").first().waitFor();
    await instep.close({ drainMs: 0 });
    await page.locator("[data-testid=as-of]").waitFor();
  });
} finally {
  await browser.close();
  await instep.close({ drainMs: 0 });
  await rm(dataDir, { recursive: true, force: true });
}
