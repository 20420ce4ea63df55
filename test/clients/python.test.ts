/** The Python client against a real server: commands once, output whole, and a watch that goes on after the server was gone. */
import { spawn } from "node:child_process";
import path from "node:path";
import { describe, expect } from "vitest";
import { createInstep } from "../../server/server.js";
import { until } from "../support/deadline.js";
import { folderTest } from "../support/disks/temporaryFolder.js";
import { ROOT } from "../support/docs/packedPackage.js";
import { freePort } from "../support/links/freePort.js";
import { call } from "../support/links/rest.js";
import { hasPython } from "../support/servers/hasPython.js";
import { liveTest } from "../support/servers/liveServer.js";

const CALLS = `
import sys, json
from instep import Instep, InstepError
i = Instep(sys.argv[1], token="drive")
saved = i.save({"workflow_id": "w", "title": "T", "steps": [{"action": "a"}, {"action": "b"}]}, request_id="one")
again = i.save({"workflow_id": "w", "title": "T", "steps": [{"action": "a"}, {"action": "b"}]}, request_id="one")
stepped = i.step(0, {"status": "in_progress"}, "w", expected=(saved["epoch"], saved["revision"]))
try:
    i.step(0, {"status": "completed"}, "w", expected=(saved["epoch"], saved["revision"]))
    moved = None
except InstepError as error:
    moved = [error.status, error.code, error.retry]
i.append_log(0, "one\\n", "w", at=0)
# As if the first answer had been lost: it was kept, and is not doubled.
repeated = i.append_log(0, "one\\n", "w", at=0)
i.append_log(0, b"two\\n", "w")
text, end = i.read_log(0, "w")
i.merge({"note": "é ☃"}, "w")
lines = [line["workflow_id"] for line in i.list(limit=5)["workflows"]]
def refused(call, *given):
    try:
        call(*given)
    except InstepError as error:
        return error.code
codes = [refused(i.start, "nothing"), refused(i.answer, {"x": 1}, "w"), refused(i.resume, "w"), refused(i.retry, "w"), refused(i.restore, "w")]
told = {"same": saved == again, "revision": stepped["revision"], "moved": moved, "repeated": repeated["next"],
  "text": text.decode(), "end": end, "note": i.state("w")["note"], "done": i.summary("w")["status"], "lines": lines, "codes": codes,
  "stopped": i.stop("w")["success"], "cleared": i.clear("w")["success"], "gone": i.state("w")}
print(json.dumps(told))
`;

const WATCH = `
import sys
from instep import Instep
for view in Instep(sys.argv[1], token="watch").watch("w"):
    print(view.phase, view.revision, view.state and view.state.get("note"), view.closed, flush=True)
`;

/** Runs a program that has instep.py beside it; the text of what it prints grows. */
function python(code: string, url: string) {
  const child = spawn("python3", ["-c", code, url], {
    env: {
      ...process.env,
      PYTHONPATH: path.join(ROOT, "clients/python"),
      PYTHONDONTWRITEBYTECODE: "1",
    },
  });
  const run = { out: "", code: undefined as number | null | undefined, child };
  const take = (text: Buffer) => {
    run.out += text;
  };
  child.stdout.on("data", take);
  child.stderr.on("data", take);
  child.on("close", (status) => {
    run.code = status;
  });
  return run;
}

const tokens = [
  { token: "drive", can: "drive" },
  { token: "watch", can: "watch" },
] as const;

describe.skipIf(!hasPython)("clients/python/instep.py", () => {
  liveTest(
    "commands of the Python client are applied once, and refusals are told with their codes",
    async ({ serve }) => {
      const server = await serve({ tokens });
      const run = python(CALLS, server.url);
      await until(
        () => run.code !== undefined,
        () => `the program ends: ${run.out}`,
      );
      expect(run.code, run.out).toBe(0);
      expect(JSON.parse(run.out)).toEqual({
        same: true,
        revision: 2,
        moved: [412, "position_moved", false],
        repeated: 4,
        text: "one\ntwo\n",
        end: 8,
        note: "é ☃",
        done: "running",
        lines: ["w"],
        codes: [
          "unknown_definition",
          "not_waiting",
          "not_waiting",
          "not_resumable",
          "unknown_workflow",
        ],
        stopped: true,
        cleared: true,
        gone: null,
      });
    },
  );

  folderTest(
    "a watch of the Python client is stale while the server is gone, live again after, and ends with the workflow",
    async ({ folder, onTestFinished }) => {
      const port = await freePort();
      const url = `http://127.0.0.1:${port}`;
      const serve = async () => {
        const instep = await createInstep({ dataDir: folder, tokens });
        await instep.listen({ port, host: "127.0.0.1" });
        onTestFinished(() => instep.close({ drainMs: 1_000 }));
        return instep;
      };
      const send = (method: string, body?: object) =>
        call(`${url}/workflow/state?workflow_id=w`, method, {
          headers: { Authorization: "Bearer drive" },
          ...(body && { body }),
        });
      const first = await serve();
      const steps = [{ action: "a" }];
      await send("POST", { workflow_id: "w", status: "blocked", steps });
      const run = python(WATCH, url);
      onTestFinished(() => void run.child.kill("SIGKILL"));
      const says = (line: string) =>
        until(
          () => run.out.includes(line),
          () => `"${line}" in: ${run.out}`,
        );
      await says("live 1 None None");
      await send("PATCH", { note: "one" });
      await says("live 2 one None");
      await first.close({ drainMs: 1_000 });
      await says("stale 2 one None");
      await serve();
      await send("PATCH", { note: "two" });
      await says("live 3 two None");
      await send("DELETE");
      await says("closed 3 two cleared");
      await until(() => run.code !== undefined, "the watch ends");
      expect(run.code, run.out).toBe(0);
    },
  );
});
