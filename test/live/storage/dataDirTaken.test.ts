/** The owner of a data folder, among real processes, containers and mounted disks: the living keep it, the dead leave it to the next one by itself. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, rm } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { lockDataDir } from "../../../server/machine/lock/lockDataDir.js";
import { until } from "../../support/deadline.js";
import { holderIn } from "../../support/disks/plantedLock.js";
import { call } from "../../support/links/rest.js";
import {
  hasContainers,
  inContainer,
  insideOf,
  mount,
  unmount,
} from "../../support/servers/containers.js";
import { processTest } from "../../support/servers/serverProcess.js";

const LOCK_MODULE = new URL("../../../dist/server/machine/lock/lockDataDir.js", import.meta.url)
  .href;

const saved = (url: string, n: number) =>
  call(`${url}/workflow/state`, "POST", { body: { workflow_id: "w", n } });
const stateAt = async (url: string) => (await call(`${url}/workflow/state`, "GET")).body.state;

describe.skipIf(!hasContainers)("a data folder that containers share", () => {
  processTest(
    "a shared data folder is taken from a killed container by the next, under another host name",
    async ({ folder, start }) => {
      const dataDir = join(folder, "data");
      const first = start(dataDir, { inside: inContainer("c1") });
      await first.ready;
      await until(async () => (await holderIn(dataDir)).hostname === "c1", "c1 has the folder");
      const next = start(dataDir, { inside: inContainer("c2") });
      expect(await next.exited).toBe(75);
      expect(next.stderr).toMatch(/already running.*on c1/);

      await first.kill();
      const second = start(dataDir, { inside: inContainer("c2") });
      await second.ready;
      await second.kill();
      // Outside of every container, and back in one.
      const third = start(dataDir);
      const url = await third.ready;
      expect((await saved(url, 1)).status).toBe(200);
      await third.kill();
      const fourth = start(dataDir, { inside: inContainer("c4") });
      await fourth.ready;
      await fourth.kill();
      const last = start(dataDir);
      expect(await stateAt(await last.ready)).toMatchObject({ n: 1 });
    },
  );

  processTest(
    "a data folder is one container's through every namespace and path, also while that one is stopped",
    async ({ folder, start }) => {
      const dataDir = join(folder, "data");
      const elsewhere = join(folder, "mounted");
      await mkdir(elsewhere);
      const holder = start(dataDir, { inside: inContainer("c1") });
      await holder.ready;
      const pid = insideOf(holder.pid);
      const bind = `mount --bind ${dataDir} ${elsewhere}`;
      const others = () => [
        start(dataDir),
        start(dataDir, { inside: inContainer("c1") }),
        start(elsewhere, { inside: inContainer("c2", bind) }),
        start(dataDir, { flags: ["--take-over"] }),
      ];
      for (const other of others()) expect(await other.exited).toBe(75);

      process.kill(pid, "SIGSTOP");
      for (const other of others()) expect(await other.exited).toBe(75);
      // Its queue is full, as it takes nobody out of it.
      const [name] = (await readdir(dataDir)).filter((one) => one.endsWith(".sock"));
      const callers = Array.from({ length: 600 }, () => connect(join(dataDir, name!)));
      const outcomes = await Promise.all(
        callers.map(
          (caller) =>
            new Promise<string>((resolve) => {
              caller.once("connect", () => resolve("connected"));
              caller.once("error", (error: NodeJS.ErrnoException) => resolve(error.code!));
            }),
        ),
      );
      expect(new Set(outcomes)).toEqual(new Set(["connected", "EAGAIN"]));
      for (const other of others()) expect(await other.exited).toBe(75);

      for (const caller of callers) caller.destroy();
      process.kill(pid, "SIGCONT");
      await holder.kill();
      await start(dataDir, { inside: inContainer("c2") }).ready;
    },
  );
});

function isDone(run: () => void): boolean {
  try {
    run();
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(!hasContainers)("a data folder on a disk of its own", () => {
  processTest(
    "a data folder that is unmounted under the server is left alone, and taken up when it is back",
    async ({ folder, start }) => {
      const [disk, dataDir] = [join(folder, "disk"), join(folder, "mount")];
      await mkdir(disk, { mode: 0o700 });
      await mkdir(dataDir, { mode: 0o700 });
      mount("--bind", disk, dataDir);
      try {
        const server = start(dataDir);
        const url = await server.ready;
        await saved(url, 1);
        unmount(dataDir);
        expect(await saved(url, 2)).toMatchObject({ status: 503, body: { code: "not_saved" } });
        expect((await call(`${url}/readyz`, "GET")).body).toEqual({
          status: "failing",
          reason: "gone",
        });
        expect(await readdir(dataDir)).toEqual([]);
        // Nor does another one begin there.
        const other = start(dataDir);
        expect(await other.exited).toBe(1);
        expect(other.stderr).toMatch(/holds no store.*--init/);
        expect(await readdir(dataDir)).toEqual([]);

        mount("--bind", disk, dataDir);
        expect(await start(dataDir).exited).toBe(75);
        expect((await saved(url, 3)).status).toBe(200);
        await until(async () => (await call(`${url}/readyz`, "GET")).status === 200, "it is ready");
      } finally {
        unmount(dataDir);
      }
    },
  );

  processTest(
    "a data folder that can only be read at the end is given back all the same",
    async ({ folder, start }) => {
      const dataDir = join(folder, "mount");
      await mkdir(dataDir, { mode: 0o700 });
      mount("-t", "tmpfs", "-o", "mode=700", "tmpfs", dataDir);
      try {
        const server = start(dataDir, { flags: ["--log-level", "info"] });
        await saved(await server.ready, 1);
        // The journal is open for some seconds more: until then the system refuses.
        await until(() => isDone(() => mount("-o", "remount,ro", dataDir)), "nothing is written");
        server.signal("SIGTERM");
        expect(await server.exited).toBe(0);
        expect(server.stderr).toContain("the lock file could not be removed");
        expect(server.stderr).not.toMatch(/^\s+at /m);
        const refused = start(dataDir);
        expect(await refused.exited).toBe(1);
        expect(refused.stderr).toMatch(/^instep: .*EROFS/m);
        mount("-o", "remount,rw", dataDir);
        const next = start(dataDir);
        expect(await stateAt(await next.ready)).toMatchObject({ n: 1 });
        await next.kill();
      } finally {
        unmount(dataDir);
      }
    },
  );
});

describe("the lock of a dead process", () => {
  processTest(
    "the lock of a dead process goes to exactly one of many processes, whoever is first",
    async ({ folder, start }) => {
      const dataDir = join(folder, "data");
      const first = start(dataDir);
      await first.ready;
      await first.kill();
      for (let round = 0; round < 3; round++) {
        const many = Array.from({ length: 5 }, () => start(dataDir));
        const outcomes = await Promise.all(
          many.map(({ ready, exited }) =>
            Promise.race([
              ready.then(
                () => "has it",
                () => exited,
              ),
              exited,
            ]),
          ),
        );
        expect(outcomes.filter((outcome) => outcome === "has it")).toHaveLength(1);
        expect(outcomes.filter((outcome) => outcome === 75)).toHaveLength(4);
        await Promise.all(many.map((one) => one.kill()));
      }
    },
  );

  processTest(
    "the lock of a dead process is the next one's, at whatever step of taking or giving back it died",
    async ({ folder }) => {
      const dataDir = join(folder, "data");
      const inOneFolder = async (before: readonly number[], step: number): Promise<boolean> => {
        await mkdir(dataDir);
        for (const stepBefore of before) await dieAt(dataDir, stepBefore);
        const hasDied = await dieAt(dataDir, step);
        const lock = await lockDataDir(dataDir);
        await lock.prove();
        await expect(lockDataDir(dataDir)).rejects.toThrow("already running");
        await lock.release();
        expect(await readdir(dataDir)).toEqual([]);
        await rm(dataDir, { recursive: true });
        return hasDied;
      };
      // The folder is free, or its holder died with the lock.
      for (const before of [[], [HOLDING]]) {
        let step = 1;
        while (await inOneFolder(before, step)) step += 1;
        expect(step).toBeGreaterThan(8);
      }
      // The takers of the folder died as well, each as the next in line.
      for (const step of [3, 4, 5, 7]) await inOneFolder([HOLDING, 4, 4], step);
    },
  );
});

const HOLDING = 1000;

/** A process that takes the lock and gives it back, killed before its n-th change of the folder; `HOLDING`: with the lock in hand. Resolves with whether it was. */
async function dieAt(dataDir: string, step: number): Promise<boolean> {
  const code = `
    import * as real from "node:fs/promises";
    import { lockDataDir } from ${JSON.stringify(LOCK_MODULE)};
    const die = () => {
      process.kill(process.pid, "SIGKILL");
      return new Promise(() => {});
    };
    let changes = 0;
    const counted = (name) => async (...args) => {
      if (name === "open" && args[1] !== "wx") return real.open(...args);
      if (++changes === ${step}) await die();
      return real[name](...args);
    };
    const names = ["open", "link", "rename", "unlink", "chmod"];
    const fileSystem = { ...real, ...Object.fromEntries(names.map((name) => [name, counted(name)])) };
    const lock = await lockDataDir(${JSON.stringify(dataDir)}, { fileSystem });
    if (${step === HOLDING}) await die();
    await lock.release();
  `;
  const child = spawn(process.execPath, ["--input-type=module", "-e", code], { stdio: "inherit" });
  const [, signal] = await once(child, "exit");
  return signal === "SIGKILL";
}
