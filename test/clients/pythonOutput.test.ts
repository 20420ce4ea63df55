/** The Python client follows what steps print: each byte once and in order, whatever happens to the server and on the way. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { until } from "../support/deadline.js";
import { logPath, printed, TEXT } from "../support/links/output.js";
import { call } from "../support/links/rest.js";
import { TcpProxy } from "../support/links/tcpProxy.js";
import { openTlsFront } from "../support/links/tlsFront.js";
import { cliTest } from "../support/servers/builtCommand.js";
import { hasPython } from "../support/servers/hasPython.js";
import { liveTest } from "../support/servers/liveServer.js";
import { type PythonProgram, python } from "../support/servers/pythonProgram.js";

const FOLLOW = `
import json, sys
from instep import Instep
for part in Instep(sys.argv[1], timeout=float(HOW.pop("timeout", 30))).follow_log(0, "w", **HOW):
    told = {"text": part.text, **vars(part)}
    print(json.dumps({key: told[key] for key in told if key != "data" and told[key] not in (None, "")}))
`;
const follow = (url: string, how: object = {}, env: NodeJS.ProcessEnv = {}) =>
  python(`HOW = ${JSON.stringify(how)}\n${FOLLOW}`, url, { env });

interface Part {
  readonly text?: string;
  readonly attempt?: number;
  readonly start: number;
  readonly next: number;
  readonly skipped: number;
  readonly end?: string;
  readonly problem?: string;
}
const partsOf = (program: PythonProgram): Part[] =>
  program.out
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line));
const textOf = (parts: readonly Part[]) => parts.map(({ text = "" }) => text).join("");
/** The next byte that each part begins at is the one behind the part before. */
function expectInOrder(parts: readonly Part[], from = 0): void {
  let next = from;
  for (const part of parts) {
    expect(part.start - part.skipped).toBe(next);
    next = part.next;
  }
}
const untilText = (program: PythonProgram, text: string) =>
  until(
    () => textOf(partsOf(program)) === text,
    () => `${JSON.stringify(text)} is told: ${program.out}`,
  );

const run = { workflow_id: "w", steps: [{ action: "build", status: "in_progress" }] };
const to = ["w", 0] as const;
const stepPath = "/workflow/state/steps/0?workflow_id=w";

describe.skipIf(!hasPython)("output in clients/python/instep.py", () => {
  cliTest.for(["http", "https"] as const)(
    "the Python client follows output by %s through a kill -9 of the server and its restart",
    async (scheme, { instep, folder, onTestFinished }) => {
      const front = scheme === "http" ? await TcpProxy.start() : await openTlsFront(folder);
      if (front instanceof TcpProxy) onTestFinished(() => front.close());
      const begin = async () => {
        const process = instep(["serve", "--port", "0", "--allow-host", "localhost"]);
        const [, at] = await process.until(/(http:\/\/127\.0\.0\.1:\d+)/);
        front.leadTo(Number(new URL(at!).port));
        const send = (method: string, path: string, body: object | string) =>
          call(at! + path, method, typeof body === "string" ? { body, headers: TEXT } : { body });
        return { process, send, print: (text: string) => send("POST", logPath("w", 0), text) };
      };
      const first = await begin();
      await first.send("POST", "/workflow/state", run);
      await first.print("one\n");
      const env = { SSL_CERT_FILE: scheme === "http" ? undefined : join(folder, "ca.pem") };
      const program = follow(`${scheme}://localhost:${front.port}`, {}, env);
      onTestFinished(() => void program.child.kill("SIGKILL"));
      await untilText(program, "one\n");
      await first.print("two");
      await untilText(program, "one\ntwo");

      first.process.signal("SIGKILL");
      await program.says(`localhost:${front.port} does not answer`);
      await first.process.exitCode;
      const second = await begin();
      await second.print(" goes on\nthree\n");
      await second.send("PATCH", stepPath, { status: "completed" });
      await program.ended();

      const parts = partsOf(program);
      expect(textOf(parts)).toBe("one\ntwo goes on\nthree\n");
      expectInOrder(parts);
      expect(parts.at(-1)).toMatchObject({ attempt: 1, next: 22, end: "over" });
      const back = parts.findLastIndex(({ problem }) => problem) + 1;
      expect(parts[back]).toEqual({ attempt: 1, start: 7, next: 7, skipped: 0 });
    },
  );

  liveTest(
    "the Python client follows newer attempts as they begin, and ends with the step",
    async ({ serve, onTestFinished }) => {
      const server = await serve();
      await server.saved({ workflow_id: "w", steps: [{ action: "build" }] });
      const program = follow(server.url);
      onTestFinished(() => void program.child.kill("SIGKILL"));
      await server.call("PATCH", stepPath, { body: { status: "in_progress" } });
      await printed(server, to, "first");
      await untilText(program, "first");
      await server.call("PATCH", stepPath, { body: { status: "in_progress", attempt: 3 } });
      await printed(server, to, "second", "&attempt=2");
      await printed(server, to, "third");
      await untilText(program, "firstsecondthird");
      await server.call("PATCH", stepPath, { body: { status: "completed" } });
      await program.ended();
      expect(partsOf(program).map(({ attempt, text, end }) => [attempt, text ?? end])).toEqual([
        [1, "first"],
        [1, "over"],
        [2, "second"],
        [2, "over"],
        [3, "third"],
        [3, "over"],
      ]);
      const later = follow(server.url, { after: [2, 3] });
      await later.ended();
      expect(textOf(partsOf(later))).toBe("ondthird");
      const one = follow(server.url, { attempt: 1, start: 99 });
      await one.ended();
      expect(partsOf(one)).toEqual([{ attempt: 1, start: 5, next: 5, skipped: 0, end: "over" }]);
    },
  );

  liveTest(
    "the Python client says how many bytes were left out, and takes no printed line for the server's",
    async ({ serve, onTestFinished }) => {
      const server = await serve({ limits: { outputBytes: 1_024 } });
      await server.saved(run);
      const program = follow(server.url);
      onTestFinished(() => void program.child.kill("SIGKILL"));
      const fake = "[instep: 5 bytes left out]\n";
      for (const piece of ["é".repeat(2), "\n[inst", "ep: 5 bytes left", " out]\n"])
        await printed(server, to, piece);
      await untilText(program, `éé\n${fake}`);
      await printed(server, to, "[instep: x");
      await printed(server, to, " is no line of it");
      await untilText(program, `éé\n${fake}[instep: x is no line of it`);
      program.child.kill("SIGKILL");

      let at = await printed(server, to, "");
      const head = at;
      while (at < 8_000) at = await printed(server, to, `${"y".repeat(99)}\n`);
      await server.call("PATCH", stepPath, { body: { status: "completed" } });
      const late = follow(server.url);
      await late.ended();
      const parts = partsOf(late);
      expectInOrder(parts);
      expect(parts.at(-1)).toMatchObject({ next: at, end: "over" });
      const skipped = parts.reduce((sum, part) => sum + part.skipped, 0);
      expect(skipped).toBeGreaterThan(5_000);
      expect(Buffer.byteLength(textOf(parts))).toBe(at - skipped);
      expect(textOf(parts).slice(0, head)).toContain(fake);
      expect(textOf(parts)).not.toMatch(/left out.*left out/s);
    },
  );

  liveTest(
    "the Python client asks again where nothing came for long, and doubles nothing",
    async ({ serve, onTestFinished }) => {
      const proxy = await TcpProxy.start();
      onTestFinished(() => proxy.close());
      const server = await serve({ allowedHosts: ["localhost"] });
      proxy.leadTo(server.port);
      await server.saved(run);
      await printed(server, to, "one\n");
      const program = follow(`http://localhost:${proxy.port}`, { timeout: 2 });
      onTestFinished(() => void program.child.kill("SIGKILL"));
      await untilText(program, "one\n");
      // The link stays, and nothing goes through any more.
      proxy.stall();
      proxy.passNew();
      await printed(server, to, "two\n");
      await untilText(program, "one\ntwo\n");
      expectInOrder(partsOf(program));
    },
  );

  liveTest(
    "the Python client says that a workflow is gone, or was never there, and does not go on with another of its id",
    async ({ serve, onTestFinished }) => {
      const server = await serve();
      const never = follow(server.url);
      await never.ended();
      expect(partsOf(never)).toEqual([{ start: 0, next: 0, skipped: 0, end: "unknown" }]);
      await server.saved(run);
      await printed(server, to, "one\n");
      const program = follow(server.url);
      onTestFinished(() => void program.child.kill("SIGKILL"));
      await untilText(program, "one\n");
      await server.call("DELETE", "/workflow/state?workflow_id=w");
      await server.saved(run);
      await printed(server, to, "another\n");
      await program.ended();
      expect(partsOf(program).map(({ text, end }) => text ?? end)).toEqual(["one\n", "cleared"]);
    },
  );

  liveTest(
    "the Python client takes no answer for all of the output that a proxy gave out as whole when it was cut",
    async ({ serve, onTestFinished }) => {
      const server = await serve();
      // As nginx does with an upstream by HTTP/1.0 that is killed: here with each answer, at once.
      const proxy = createServer(async ({ url = "" }, response) => {
        const answer = await fetch(server.url + url.replace("&follow=1", ""));
        const ours = [...answer.headers].filter(([name]) => name.startsWith("instep-"));
        response.writeHead(answer.status, Object.fromEntries(ours));
        response.end(Buffer.from(await answer.arrayBuffer()));
      });
      proxy.listen(0, "127.0.0.1");
      await once(proxy, "listening");
      onTestFinished(() => void proxy.close());
      await server.saved(run);
      const program = follow(`http://127.0.0.1:${(proxy.address() as AddressInfo).port}`);
      onTestFinished(() => void program.child.kill("SIGKILL"));
      let text = "";
      for (const line of ["one\n", "two\n", "three\n"]) {
        await printed(server, to, line);
        text += line;
        await untilText(program, text);
      }
      await server.call("PATCH", stepPath, { body: { status: "completed" } });
      await program.ended();
      const parts = partsOf(program);
      expectInOrder(parts);
      expect(parts.map(({ text, end }) => text ?? end)).toEqual([
        "one\n",
        "two\n",
        "three\n",
        "over",
      ]);
    },
  );
});
