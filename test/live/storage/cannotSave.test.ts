/** A disk that refuses, on every door: the answer, the log, readiness, and every tab. */
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import type { Log } from "../../../server/log/log.js";
import { until } from "../../support/deadline.js";
import { liveTest } from "../../support/servers/liveServer.js";

function recordingLog() {
  const lines: [level: string, details: Record<string, unknown>, message: string][] = [];
  const write = (level: string) => (details: object, message: string) =>
    void lines.push([level, details as Record<string, unknown>, message]);
  const log: Log = {
    debug: () => {},
    info: () => {},
    warn: write("warn"),
    error: write("error"),
  };
  return { lines, log };
}

describe("a server whose disk refuses", () => {
  liveTest(
    "a server whose disk refuses says so everywhere, in one line of the log, until it is over",
    async ({ serve }) => {
      const { lines, log } = recordingLog();
      const server = await serve({ log, limits: { heartbeatMs: 1e9 } });
      await server.call("POST", "/workflow/state", { body: { workflow_id: "w" } });
      const tab = await server.openTab();
      const folder = join(server.dataDir, "workflows");
      await rename(folder, `${folder}.away`);
      await writeFile(folder, "");

      // A change that is in the journal is kept; that its file cannot follow is known a moment later.
      const kept = await server.call("PATCH", "/workflow/state", { body: { kept: true } });
      expect(kept.status).toBe(200);
      await until(() => {
        server.clock.advance(1_000);
        return lines.length === 1;
      }, "the server to find that its files cannot follow");
      for (let n = 0; n < 5; n++) {
        const { status, body } = await server.call("PATCH", "/workflow/state", { body: { n } });
        expect([status, body.code]).toEqual([503, "not_saved"]);
      }
      expect(lines).toHaveLength(1);
      expect(lines[0]![1]).toMatchObject({ code: "ENOTDIR", syscall: "open" });
      expect(lines[0]![1].path).toContain("workflows");
      expect(await tab.take("storage")).toEqual({
        type: "storage",
        status: "failing",
        reason: "gone",
      });
      const late = await server.openTab();
      expect(await late.take("storage")).toMatchObject({ status: "failing" });
      const ready = await server.call("GET", "/readyz");
      expect([ready.status, ready.body]).toEqual([503, { status: "failing", reason: "gone" }]);
      expect((await server.call("GET", "/healthz")).status).toBe(200);
      const read = await server.call("GET", "/workflow/state");
      expect(read.headers.get("Instep-Storage-Failing")).toBe("gone");
      expect(read.body.state).toMatchObject({ kept: true });
      expect(read.body.state.n).toBeUndefined();

      // A minute later it is said again, with how often.
      server.clock.advance(60_000);
      await server.call("PATCH", "/workflow/state", { body: { n: 0 } });
      expect(lines).toHaveLength(2);
      expect(lines[1]![1].more_since).toBeGreaterThanOrEqual(5);

      await rename(folder, `${folder}.file`);
      await rename(`${folder}.away`, folder);
      await until(() => {
        server.clock.advance(1_000);
        return lines.length === 3;
      }, "the server to find that its disk works again");
      expect(lines[2]![0]).toBe("warn");
      expect(lines[2]![1].refusals).toBeGreaterThanOrEqual(6);
      expect(await tab.take("storage")).toEqual({ type: "storage", status: "ok" });
      expect((await server.call("GET", "/readyz")).body).toEqual({ status: "ready" });
      const saved = await server.call("PATCH", "/workflow/state", { body: { n: 9 } });
      expect(saved.status).toBe(200);
      expect(saved.headers.get("Instep-Storage-Failing")).toBe(null);
      await server.restart();
      expect((await server.get()).body.state).toMatchObject({ kept: true, n: 9 });
    },
  );
});
