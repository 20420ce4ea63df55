/** `instep doctor` beside a real server, in a wrong house, and through proxies that nobody set up. */
import { once } from "node:events";
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import { describe, expect } from "vitest";
import type { Finding } from "../../../../server/cli/doctor/finding.js";
import { type Clock, systemClock } from "../../../../shared/clock.js";
import { fillFolder } from "../../../support/etcd/movedFolder.js";
import { freePort } from "../../../support/links/freePort.js";
import { startPlainProxy } from "../../../support/links/plainProxy.js";
import { cliTest } from "../../../support/servers/builtCommand.js";
import { commandLine } from "../../../support/servers/commandLine.js";

/** A busy machine answers late: its deadlines are further away. */
const PATIENT: Clock = {
  ...systemClock,
  after: (ms, run) => systemClock.after(ms * 10, run),
};

const RECIPE = "name: fine\nsteps: [{ action: one, run: echo one }]\n";

const test = cliTest.extend<{
  doctor: (...args: string[]) => Promise<{ code: number; said: Record<string, Finding> }>;
}>({
  doctor: async ({ folder }, use) => {
    mkdirSync(path.join(folder, "workflows"));
    writeFileSync(path.join(folder, "workflows", "fine.yaml"), RECIPE);
    await use(async (...args) => {
      const { code, stdout } = await commandLine(["doctor", "--json", ...args], {
        cwd: folder,
        env: { PATH: process.env.PATH ?? "" },
        clock: PATIENT,
      });
      const found: Finding[] = stdout
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line));
      return { code, said: Object.fromEntries(found.map((one) => [one.check, one])) };
    });
  },
});

const wrongIn = (said: Record<string, Finding>): string[] =>
  Object.values(said).flatMap(({ check, result }) => (result === "wrong" ? [check] : []));

describe("instep doctor", () => {
  test("beside a running server nothing is wrong, and nothing changes", async ({
    doctor,
    folder,
    serve,
  }) => {
    const { url, process: server } = await serve("--data-dir", "data");
    const names = readdirSync(path.join(folder, "data"));
    const { port } = new URL(url);
    const { code, said } = await doctor("--data-dir", "data", "--port", port, "--url", url);
    expect([wrongIn(said), code]).toEqual([[], 0]);
    expect(said.lock?.text).toContain(String(server.pid));
    expect(said.port?.text).toContain("running Instep");
    expect(Object.keys(said)).toEqual(
      "node,settings,data folder,lock,store,room,disk,port,definitions,tools,url: REST,clock,url: headers,url: page,url: socket,url: events".split(
        ",",
      ),
    );
    expect(readdirSync(path.join(folder, "data"))).toEqual(names);
    const alone = await doctor("--data-dir", "new", "--port", port);
    expect(wrongIn(alone.said)).toEqual(["port"]);
    expect(readdirSync(folder)).not.toContain("new");
  });

  test("in a wrong house each thing that is wrong is told, and the exit code is 1", async ({
    doctor,
    folder,
  }) => {
    const other = createServer((socket) => socket.end("220 mail\r\n")).listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as { port: number };
    const data = path.join(folder, "data");
    await fillFolder(data);
    writeFileSync(path.join(folder, "workflows", "bad.yaml"), "name: bad\nsteps: 3\n");
    writeFileSync(path.join(data, "instep.cluster"), "{}");
    try {
      const { code, said } = await doctor("--data-dir", "data", "--port", String(port));
      expect([code, wrongIn(said)]).toEqual([1, ["store", "port", "definitions"]]);
      expect(said.port?.text).toContain("no Instep");
      expect(said.definitions?.text).toContain("bad.yaml:2:1");
      expect(said.store?.text).toContain("node of the cluster");
      chmodSync(data, 0o777);
      writeFileSync(path.join(folder, "instep.yaml"), "nonsense: 1\n");
      const worse = await doctor("--data-dir", "data", "--port", "0");
      expect(wrongIn(worse.said)).toEqual(["settings", "data folder", "definitions"]);
    } finally {
      other.close();
    }
  });

  test("through a proxy that blocks upgrades and the script, that is what is told", async ({
    doctor,
    serve,
  }) => {
    const { url } = await serve("--data-dir", "data");
    const proxy = await startPlainProxy(url, ["/assets"]);
    try {
      const { code, said } = await doctor("--port", "0", "--url", `127.0.0.1:${proxy.port}`);
      expect([code, wrongIn(said)]).toEqual([1, ["url: page", "url: socket"]]);
      expect(said["url: events"]?.result).toBe("ok");
    } finally {
      await proxy.close();
    }
    const gone = await doctor("--port", "0", "--url", `127.0.0.1:${await freePort()}`);
    expect([gone.code, wrongIn(gone.said)]).toEqual([1, ["url: REST"]]);
  });
});
