/** Instep is the same inside every program of Node: REST, page, socket and log, below whatever path, and the rest of that program is left alone. */
import { expect } from "vitest";
import { until, within } from "../../support/deadline.js";
import { folderTest } from "../../support/disks/temporaryFolder.js";
import { Streamed, TEXT } from "../../support/links/output.js";
import { call } from "../../support/links/rest.js";
import { HOSTS, type Host, OWN } from "./hosts.js";
import { LARGER_HOSTS } from "./largerHosts.js";
import { Running } from "./running.js";

const test = folderTest.extend<{ run: (host: Host) => Promise<Running> }>({
  run: async ({ folder }, use) => {
    const running: Running[] = [];
    await use(async (host) => {
      const one = await Running.start(`${folder}/${running.length}`, host);
      running.push(one);
      return one;
    });
    for (const one of running) await one.end();
  },
});

const STATE = "/workflow/state?workflow_id=w";
const STEP = "/workflow/state/steps/1?workflow_id=w";
const LOG = "/workflow/state/steps/0/log?workflow_id=w";
/** Under the limit of a frame, over what body parsers take by themselves. */
const MUCH = "x".repeat(900_000);

for (const host of [...HOSTS, ...LARGER_HOSTS]) {
  test(`inside ${host.name}: REST, page, socket, log, its own paths, and the end`, async ({
    run,
  }) => {
    const running = await run(host);
    await restIsThere(running, host);
    await pageIsThere(running, host);
    await hostIsLeftAlone(running, host);
    await allIsToldAndEnds(running);
  });
}

async function restIsThere({ url }: Running, { parses }: Host): Promise<void> {
  const steps = [{ action: "a", status: "in_progress" }, { action: "b" }];
  const body = { workflow_id: "w", steps, data: { much: MUCH } };
  expect(await ok(`${url}/workflow/state`, "POST", { body })).toBe(200);
  const message = "pätched";
  expect(await ok(url + STEP, "PATCH", { body: { message } })).toBe(200);

  const { epoch, revision, state } = (await call(url + STATE, "GET")).body;
  expect(state.steps[1]?.message).toBe(message);
  expect((state.data as typeof body.data).much === MUCH).toBe(true);
  const head = await call(url + STATE, "HEAD");
  expect([head.status, head.text, head.headers.get("etag")]).toEqual([
    200,
    "",
    `"${epoch}.${revision}"`,
  ]);
  const wrong = await call(`${url}/workflow/state`, "POST", { body: "{" });
  expect([wrong.status, wrong.body.code === "bad_message"]).toEqual([400, !parses]);
  for (const [method, path, status] of [
    ["GET", "/healthz", 200],
    ["HEAD", "/readyz", 200],
    ["PUT", "/workflow/state", 405],
    ["OPTIONS", "/workflow/state", 204],
    ["GET", "/workflow/live", 426],
  ] as const)
    expect([method, path, await ok(url + path, method)]).toEqual([method, path, status]);
}

async function pageIsThere({ url, origin }: Running, { base }: Host): Promise<void> {
  for (const path of ["/", "/start", "/w/w"]) {
    const page = await call(url + path, "GET", { headers: { Accept: "text/html" } });
    expect([path, page.status]).toEqual([path, 200]);
    expect(page.text).toContain(`<base href="${base}/"`);
    expect(page.headers.get("content-security-policy")).toContain("script-src 'self'");
    const files = [...page.text.matchAll(/(?:src|href)="\.\/(assets\/[^"]+\.(?:js|css))"/g)];
    expect(new Set(files.map(([, file]) => file?.split(".").at(-1)))).toEqual(
      new Set(["js", "css"]),
    );
    for (const [, file] of path === "/w/w" ? files : []) {
      const { status, text } = await call(`${origin}${base}/${file}`, "GET");
      expect([file, status, text.length > 100]).toEqual([file, 200, true]);
    }
  }
  expect(await ok(`${url}/w/w`, "HEAD")).toBe(200);
}

async function hostIsLeftAlone({ url, origin }: Running, { base, isAlone }: Host): Promise<void> {
  const foreign = ["/nowhere", ...(base === "" ? [] : ["/workflow/state", `${base}z/`])];
  for (const path of foreign) {
    const { status, text } = await call(origin + path, "GET");
    expect([path, status, text.includes("urn:instep")]).toEqual([path, 404, isAlone === true]);
  }
  if (base !== "") expect((await call(`${url}/nowhere`, "GET")).status).toBe(404);
  if (isAlone) return;
  const own = await call(`${origin}/own`, "GET");
  expect([own.status, own.text]).toEqual([200, OWN]);
  expect(own.headers.get("content-security-policy")).toBe(null);
}

/** A change by socket, a log while it grows, and the goodbye to both. */
async function allIsToldAndEnds(running: Running): Promise<void> {
  const { url } = running;
  const tab = await running.openTab();
  tab.subscribe("w");
  expect((await tab.take("snapshot")).workflow_id).toBe("w");
  const headers = TEXT;
  expect(await ok(url + LOG, "POST", { body: "first line\n", headers })).toBe(200);
  const followed = await Streamed.open(`${url}${LOG}&follow=1`);
  await until(() => followed.text === "first line\n", "the first line is here, before the end");
  expect(await ok(url + LOG, "POST", { body: "ä second\n", headers })).toBe(200);
  await until(() => followed.text === "first line\nä second\n", "the second line is here");
  expect(await ok(url + STEP, "PATCH", { body: { message: "told" } })).toBe(200);
  const told = { path: "/steps/1/message", value: "told" };
  while (!(await tab.take("changed")).patch.some((one) => isPartOf(told, one)));

  await running.end();
  expect((await within(tab.closed, () => "the goodbye")).code).toBe(1001);
  expect(await within(followed.ended, () => "the log to end")).toMatch(/whole|cut/);
}

const isPartOf = (part: object, whole: object): boolean =>
  Object.entries(part).every(([key, value]) => Reflect.get(whole, key) === value);

const ok = async (...[url, method, options]: Parameters<typeof call>): Promise<number> => {
  const { status, text } = await call(url, method, options);
  if (status === 500) throw new Error(`${method} ${url}: ${text}`);
  return status;
};
