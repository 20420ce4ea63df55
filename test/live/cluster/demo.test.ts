/** `npm run demo:cluster`: it comes up, serves through its balancer, goes on without a server, and leaves nothing behind. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { until } from "../../support/deadline.js";
import { hasEtcd } from "../../support/etcd/hasEtcd.js";
import { call } from "../../support/links/rest.js";

const DEMO = fileURLToPath(new URL("../../../bench/demo/cluster.mjs", import.meta.url));

interface Demo {
  readonly child: ChildProcess;
  readonly said: () => string;
  /** Types a line. */
  type(line: string): void;
}

function startDemo(env: NodeJS.ProcessEnv = process.env): Demo {
  const child = spawn(process.execPath, [DEMO], { env, stdio: ["pipe", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (text) => {
      said += text;
    });
  onTestFinished(() => {
    child.kill("SIGTERM");
  });
  return { child, said: () => said, type: (line) => child.stdin.write(`${line}\n`) };
}

const isThere = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/** Null where nobody takes the connection. */
const stateAt = (url: string) => call(`${url}/workflow/state`, "GET").catch(() => null);

describe("npm run demo:cluster", () => {
  it.skipIf(!hasEtcd)(
    "the demo serves through its balancer, survives a killed server and a killed member, and leaves nothing",
    async () => {
      const { child, said, type } = startDemo();
      const [, page] = await until(
        () => /Page +(http:\S+)\/ .*quit\. Ctrl-C ends/s.exec(said()),
        said,
      );
      const places = [...said().matchAll(/^ +(m\d|a|b) +(http:\S+) +pid (\d+)$/gm)];
      const pids = places.map(([, , , pid]) => Number(pid));
      const urls = Object.fromEntries(places.map(([, name, url]) => [name, url!]));
      expect(Object.keys(urls)).toEqual(["m1", "m2", "m3", "a", "b"]);
      const [, folder] = /in (\S+):/.exec(said())!;

      const body = { workflow_id: "w", steps: [{ action: "one" }] };
      const saved = await call(`${page}/workflow/state`, "POST", { body });
      expect(saved.status).toBe(200);
      for (const url of [urls.a!, urls.b!, page!])
        await until(async () => (await stateAt(url))?.body?.state?.workflow_id === "w", said);

      type("kill a");
      await until(() => /^a has ended/m.test(said()), said);
      process.kill(pids[0]!, "SIGKILL");
      await until(() => /^m1 has ended/m.test(said()), said);
      const changed = { body: { status: "completed" } };
      await until(async () => {
        const answer = await call(`${page}/workflow/state?workflow_id=w`, "PATCH", changed).catch(
          () => null,
        );
        return answer?.status === 200;
      }, said);
      type("list");
      await until(() => /^ +a +http:\S+ +not there$/m.test(said()), said);

      child.kill("SIGINT");
      const [code] = (await once(child, "close")) as [number | null];
      expect([code, said()]).toEqual([0, expect.stringContaining("Ended; nothing is left.")]);
      expect(pids.filter(isThere)).toEqual([]);
      expect(existsSync(folder!)).toBe(false);
    },
  );

  it("the demo says that etcd is missing where it is, and makes nothing", async () => {
    const { child, said } = startDemo({ PATH: "/nowhere" });
    const [code] = (await once(child, "close")) as [number | null];
    expect(code).toBe(1);
    expect(said()).toBe(
      "The demo needs etcd, and there is none on PATH: on Debian, apt-get install etcd-server installs it.\n",
    );
  });
});
