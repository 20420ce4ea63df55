/** A driver with a lease reports as fast as it is answered, at default limits; all else that it sends has the usual price. */
import { describe, expect } from "vitest";
import { LIMITS } from "../../../shared/limits.js";
import { TOKEN_HEADER } from "../../../shared/wire/rest.js";
import type { RawTab } from "../../support/links/rawTab.js";
import { type LiveServer, liveTest } from "../../support/servers/liveServer.js";

const { commandsPerSecond, commandBurst } = LIMITS;
const limits = { commandsPerSecond, commandBurst };
const STEP = "/workflow/state/steps/0";

const report = (i: number, more: object = {}) => ({
  kind: "step",
  workflow_id: "deploy",
  index: 0,
  update: { progress: (i % 1_000) / 1_000, message: `at ${i}`, ...more },
});

/** No time passes: the limits are met after their burst. */
async function driven(serve: (options: object) => Promise<LiveServer>) {
  const server = await serve({ limits });
  await server.saved({ workflow_id: "deploy", steps: [{ action: "build" }] });
  const driver = await server.openTab();
  const { token } = await driver.accepted({
    kind: "claim",
    workflow_id: "deploy",
    driver: "fast",
  });
  return { server, driver, token: token as number };
}

/** How many are accepted before the first that is refused. */
async function acceptedOf(tab: RawTab, ids: readonly string[]): Promise<number> {
  let accepted = 0;
  for (const id of ids) {
    const answer = await tab.answerTo(id);
    if (answer.type === "refused") return accepted;
    accepted += 1;
  }
  return accepted;
}

describe("a driver with a lease", () => {
  liveTest(
    "a driver with a lease reports thousands at once, and all are taken in order",
    async ({ serve }) => {
      const { server, driver, token } = await driven(serve);
      const ids = Array.from({ length: 3_000 }, (_, i) => driver.propose(report(i), { token }));
      expect(await acceptedOf(driver, ids)).toBe(3_000);
      const { state, revision } = (await server.get()).body;
      expect([state.steps[0]!.message, revision]).toEqual(["at 2999", 3_002]);
    },
  );

  liveTest("a driver with a lease pays for the bytes of its reports", async ({ serve }) => {
    const { driver, token } = await driven(serve);
    const large = report(0, { data: { text: "x".repeat(16 * 1024) } });
    const ids = Array.from({ length: commandBurst + 50 }, () => driver.propose(large, { token }));
    const accepted = await acceptedOf(driver, ids);
    expect(accepted).toBeGreaterThan(commandBurst * 0.9);
    expect(accepted).toBeLessThan(commandBurst);
  });

  liveTest.for([
    ["reports without its token", report(0), {}],
    ["reports with the token of no lease", report(0), { token: 77 }],
    ["reports of another workflow", { ...report(0), workflow_id: "other" }, { token: 1 }],
    ["claims", { kind: "claim", workflow_id: "deploy", driver: "fast" }, { token: 1 }],
  ] as const)(
    "a driver with a lease pays as everybody does for %s",
    async ([, command, more], { serve }) => {
      const { driver } = await driven(serve);
      const ids = Array.from({ length: commandBurst + 10 }, () => driver.propose(command, more));
      const last = await driver.answerTo(ids.at(-1)!);
      expect(last).toMatchObject({ type: "refused", code: "rate_limited", retry: true });
    },
  );

  liveTest(
    "a driver with a lease reports and prints over REST without counting its calls",
    async ({ serve }) => {
      const { server, token } = await driven(serve);
      const headers = { [TOKEN_HEADER]: `${token}` };
      const reported = async (i: number, more: object) =>
        (await server.call("PATCH", STEP, { body: { message: `at ${i}` }, headers: { ...more } }))
          .status;
      const printed = async (more: object) =>
        (
          await server.call("POST", `${STEP}/log`, {
            body: "x",
            headers: { "Content-Type": "text/plain", ...more },
          })
        ).status;
      for (let sent = 0; sent < commandBurst + 100; sent += 50) {
        const calls = Array.from({ length: 50 }, (_, i) => [
          reported(sent + i, headers),
          printed(headers),
        ]);
        expect(new Set(await Promise.all(calls.flat()))).toEqual(new Set([200]));
      }
      const without: number[] = [];
      for (let i = 0; i < commandBurst + 1; i++) without.push(await printed({}));
      expect(without.filter((status) => status === 429).length).toBeGreaterThan(0);
    },
  );
});
