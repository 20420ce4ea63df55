/** `instep serve` on its way out: a peer that does not answer keeps it for a moment only. */
import { once } from "node:events";
import { connect } from "node:net";
import { expect } from "vitest";
import type { CliContext, EndSignal } from "../../../../server/cli/process/context.js";
import { serve } from "../../../../server/cli/serve/serve.js";
import { manualClock } from "../../../support/clocks/manualClock.js";
import { until, within } from "../../../support/deadline.js";
import { folderTest } from "../../../support/disks/temporaryFolder.js";
import { upgradeText } from "../../../support/links/rawHttp.js";

function contextIn(cwd: string) {
  const clock = manualClock();
  const written: string[] = [];
  let send: (signal: EndSignal) => void = () => {};
  const output = {
    write: (text: string | Uint8Array) => void written.push(String(text)),
    drained: async () => {},
    outliveReader: () => {},
    isTTY: false,
    columns: 80,
    rows: 24,
  };
  const context: CliContext = {
    env: {},
    cwd,
    pid: process.pid,
    hostname: "here",
    stdout: output,
    stderr: output,
    input: { isTTY: false, line: async () => null },
    clock,
    random: Math.random,
    onSignal: (listener) => {
      send = listener;
      return () => {};
    },
    onExit: () => () => {},
    signalGroup: () => false,
  };
  return { context, clock, said: () => written.join(""), send: () => send("SIGTERM") };
}

folderTest(
  "a watcher that never answers the goodbye holds the server for less than five seconds",
  async ({ folder }) => {
    const { context, clock, said, send } = contextIn(folder);
    const ended = serve({ port: "0" }, context);
    const [, port] = await until(() => /127\.0\.0\.1:(\d+)/.exec(said()), "it listens");
    const stuck = connect(Number(port), "127.0.0.1");
    stuck.on("error", () => {});
    const headers = [`Host: 127.0.0.1:${port}`, "Sec-WebSocket-Protocol: instep.v1"];
    stuck.write(upgradeText("/workflow/live", headers));
    await once(stuck, "data");

    let code: number | null = null;
    void ended.then((got) => {
      code = got;
    });
    send();
    await until(() => said().includes("stopping"), "it heard the signal");
    expect(code).toBeNull();
    clock.advance(4_500);
    expect(await within(ended, () => said())).toBe(0);
    stuck.destroy();
  },
);
