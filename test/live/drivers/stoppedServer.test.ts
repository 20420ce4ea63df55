/** A server that was stopped for longer than a lease, as `docker pause` and a swapping machine do: nobody alive is taken for dead. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect } from "vitest";
import { until, within } from "../../support/deadline.js";
import { RawTab } from "../../support/links/rawTab.js";
import { call } from "../../support/links/rest.js";
import { liveTest } from "../../support/servers/liveServer.js";

const PROGRAM = fileURLToPath(new URL("../../support/servers/embeddedServer.mjs", import.meta.url));
/** Also where this process, which pings for the drivers, gets no turn for seconds. */
const LEASE_MS = 4_000;
const STOPPED_MS = 1.5 * LEASE_MS;

interface Stoppable {
  readonly url: string;
  /** Stops it for a while; resolves when it runs again. */
  sleep(ms: number): Promise<void>;
}

const test = liveTest.extend<{ server: Stoppable }>({
  server: async ({ folder }, use) => {
    const options = JSON.stringify({ limits: { leaseMs: LEASE_MS } });
    const child = spawn(process.execPath, [PROGRAM, folder, options], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const exited = new Promise((resolve) => child.once("exit", resolve));
    const listening = new Promise<string>((resolve) =>
      child.stdout.once("data", (text) => resolve(String(text).trim())),
    );
    await use({
      url: await within(listening, () => "the server to listen"),
      sleep: async (ms) => {
        child.kill("SIGSTOP");
        // The one thing here that is about time itself.
        await new Promise((resolve) => setTimeout(resolve, ms));
        child.kill("SIGCONT");
      },
    });
    child.kill("SIGKILL");
    await exited;
  },
});

const report = (id: string, progress: number) => ({
  kind: "step",
  workflow_id: id,
  index: 0,
  update: { progress },
});

/** A workflow with a driver that pings, like a real one, at a third of its lease. */
async function driven(url: string, id: string) {
  const tab = (await RawTab.open(`${url.replace("http", "ws")}/workflow/live`)).tab;
  await tab.accepted({ kind: "save", state: { workflow_id: id, steps: [{ action: "a" }] } });
  const { token } = await tab.accepted({ kind: "claim", workflow_id: id, driver: id });
  await tab.accepted(report(id, 0.1), { token });
  const pinging = setInterval(() => tab.send({ type: "ping" }), LEASE_MS / 3);
  return {
    tab,
    token,
    die: () => {
      clearInterval(pinging);
      tab.drop();
    },
  };
}

const stateOf = async (url: string, id: string) =>
  (await call(`${url}/workflow/state?workflow_id=${id}`, "GET")).body.state;

describe("a server that was stopped", () => {
  test("a server that was stopped takes no living driver for dead, and its next report is accepted", async ({
    server,
  }) => {
    const { url } = server;
    const drivers = await Promise.all(
      Array.from({ length: 8 }, (_, number) => driven(url, `w${number}`)),
    );
    await server.sleep(STOPPED_MS);
    // Renewed for the last time before the stop, and then again by what waited in the sockets.
    for (const [number, { tab, token }] of drivers.entries()) {
      await tab.accepted(report(`w${number}`, 0.5), { token });
      expect(await stateOf(url, `w${number}`)).toMatchObject({ status: "running" });
    }
    for (const { die } of drivers) die();
  });

  test("a server that was stopped notices one that died meanwhile one lease later", async ({
    server,
  }) => {
    const { url } = server;
    const dead = await driven(url, "dead");
    const alive = await driven(url, "alive");
    const stopped = server.sleep(STOPPED_MS);
    dead.die();
    await stopped;
    const woken = performance.now();
    const state = await until(async () => {
      const seen = await stateOf(url, "dead");
      return seen.status === "interrupted" && seen;
    }, "the dead driver is missed");
    expect(performance.now() - woken).toBeGreaterThan(LEASE_MS - 100);
    expect(state.interruption).toMatchObject({ reason: "driver_gone" });
    await alive.tab.accepted(report("alive", 0.5), { token: alive.token });
    alive.die();
  });
});
