/** The Python client against a real server: commands once, output whole, and a watch that goes on after the server was gone. */
import path from "node:path";
import { describe, expect, onTestFinished } from "vitest";
import { createInstep } from "../../server/server.js";
import { folderTest } from "../support/disks/temporaryFolder.js";
import { freePort } from "../support/links/freePort.js";
import { call } from "../support/links/rest.js";
import { openTlsFront } from "../support/links/tlsFront.js";
import { hasPython } from "../support/servers/hasPython.js";
import { liveTest } from "../support/servers/liveServer.js";
import { python } from "../support/servers/pythonProgram.js";

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

const REPORTS = `
import sys
from concurrent.futures import ThreadPoolExecutor
from instep import Instep
i = Instep(sys.argv[1], token="drive", patience=float("inf"))
reports = ThreadPoolExecutor(max_workers=1)
print("ready")
sys.stdin.readline()
notes = [reports.submit(i.merge, {"note": str(n), "was_%d" % n: True}, "w") for n in range(5)]
print("told", [note.done() for note in notes])
print("revisions", [note.result()["revision"] for note in notes])
`;

const UNTRUSTED = `
import ssl, sys
from instep import Instep, NoAnswer
def why(*given, **how):
    try:
        i = Instep(sys.argv[1], token="watch", *given, **how)
        print(next(i.watch("w")).phase, i.state("w"))
    except NoAnswer as error:
        print(error)
why()
why(context=ssl.create_default_context(cafile=sys.stdin.readline().strip()))
`;

const tokens = [
  { token: "drive", can: "drive" },
  { token: "watch", can: "watch" },
] as const;

/** Servers on one folder, one after the other at the same address, until the test ends; and calls of a driver. */
async function onePort(folder: string) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    serve: async () => {
      const instep = await createInstep({ dataDir: folder, tokens });
      await instep.listen({ port, host: "127.0.0.1" });
      onTestFinished(() => instep.close({ drainMs: 1_000 }));
      return instep;
    },
    send: (method: string, body?: object) =>
      call(`${url}/workflow/state?workflow_id=w`, method, {
        headers: { Authorization: "Bearer drive" },
        ...(body && { body }),
      }),
  };
}

describe.skipIf(!hasPython)("clients/python/instep.py", () => {
  liveTest(
    "commands of the Python client are applied once, and refusals are told with their codes",
    async ({ serve }) => {
      const server = await serve({ tokens });
      expect(JSON.parse(await python(CALLS, server.url).ended())).toEqual({
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
    async ({ folder }) => {
      const { url, serve, send } = await onePort(folder);
      const first = await serve();
      const steps = [{ action: "a" }];
      await send("POST", { workflow_id: "w", status: "blocked", steps });
      const run = python(WATCH, url);
      onTestFinished(() => void run.child.kill("SIGKILL"));
      await run.says("live 1 None None");
      await send("PATCH", { note: "one" });
      await run.says("live 2 one None");
      await first.close({ drainMs: 1_000 });
      await run.says("stale 2 one None");
      await serve();
      await send("PATCH", { note: "two" });
      await run.says("live 3 two None");
      await send("DELETE");
      await run.says("closed 3 two cleared");
      await run.ended();
    },
  );

  folderTest(
    "reports that a Python driver gives to one worker while the server is gone come in their order once it is back",
    async ({ folder }) => {
      const { url, serve, send } = await onePort(folder);
      const first = await serve();
      await send("POST", { workflow_id: "w", steps: [{ action: "a" }] });
      const run = python(REPORTS, url);
      onTestFinished(() => void run.child.kill("SIGKILL"));
      await run.says("ready");
      await first.close({ drainMs: 1_000 });
      run.child.stdin?.write("\n");
      await run.says("told [False, False, False, False, False]");
      await serve();
      expect(await run.ended()).toContain("revisions [2, 3, 4, 5, 6]");
      const { body: loaded } = await send("GET");
      expect(loaded.state).toMatchObject({ note: "4", was_0: true, was_3: true });
    },
  );

  liveTest(
    "the Python client says at once that a certificate is refused, and takes one whose authority it is told",
    async ({ serve, folder }) => {
      const server = await serve({ tokens, allowedHosts: ["localhost"] });
      const front = await openTlsFront(folder);
      front.leadTo(server.port);
      const run = python(UNTRUSTED, `https://localhost:${front.port}`);
      onTestFinished(() => void run.child.kill("SIGKILL"));
      await run.says(`localhost:${front.port} has a certificate that is refused: `);
      await run.says("trust its authority by SSL_CERT_FILE=ca.pem, or context=");
      run.child.stdin?.write(`${path.join(folder, "ca.pem")}\n`);
      expect(await run.ended()).toContain("closed None");
    },
  );
});
