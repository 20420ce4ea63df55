/** SIGKILL at any moment: what was accepted is there, what was announced stays true, and nothing happens twice. */
import { type FSWatcher, watch } from "node:fs";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { type Chance, seeded } from "../../support/chance.js";
import { until } from "../../support/deadline.js";
import { call } from "../../support/links/rest.js";
import {
  InsistentWriters,
  insist,
  Refused,
  Whereabouts,
} from "../../support/model/insistentWriters.js";
import { PatientWatcher } from "../../support/model/patientWatcher.js";
import { replay, writtenBy } from "../../support/model/reckoning.js";
import { processTest } from "../../support/servers/serverProcess.js";

const KILLS = 50;
const IDS = ["one", "two", "three"];
const REST_WRITERS = ["rest-a", "rest-b"];
const SOCKET_WRITERS = ["socket-a", "socket-b"];
const WRITERS = [...REST_WRITERS, ...SOCKET_WRITERS];

/** Half of the kills come by the clock, half in the middle of a write. */
async function momentToKill(dataDir: string, chance: Chance): Promise<void> {
  const ms = 5 + chance.below(150);
  let files: FSWatcher[] = [];
  const byClock = new Promise<void>((resolve) => setTimeout(resolve, ms));
  if (chance.below(2) === 0) return byClock;
  let writes = 1 + chance.below(30);
  const inWrite = new Promise<void>((resolve) => {
    const count = (isWrite: boolean) => {
      if (isWrite && --writes === 0) resolve();
    };
    // A file that follows, or the journal.
    files = [
      watch(join(dataDir, "workflows"), (_event, name) => count(name?.endsWith(".tmp") ?? false)),
      watch(join(dataDir, "journal"), () => count(true)),
    ];
  });
  await Promise.race([inWrite, byClock]);
  for (const file of files) file.close();
}

/** Until the watcher was told something new of every workflow. */
async function untilAllTold({ told }: PatientWatcher): Promise<void> {
  const before = new Map([...told].map(([id, states]) => [id, states.size]));
  const isNew = ([id, states]: [string, Map<number, unknown>]) => states.size > before.get(id)!;
  await until(() => [...told].every(isNew), "the watcher was told of every workflow");
}

/** Temporary files of processes that are gone; `pid` writes its own. */
async function leftovers(dataDir: string, pid: number): Promise<string[]> {
  const names = await readdir(dataDir, { recursive: true });
  const own = `.${pid}.`;
  return names.filter(
    (name) => (name.includes(".tmp") && !name.includes(own)) || /\.lock\./.test(name),
  );
}

const written = (state: unknown) => writtenBy(WRITERS, state);

/** Starts workflows without naming them, and removes every other one again. */
async function churn(where: Whereabouts, isOver: () => boolean) {
  const [kept, removed]: [string[], string[]] = [[], []];
  const send = async (method: string, path: string, key: string, body?: object) =>
    insist(where, async (url) => {
      const headers = { "Idempotency-Key": key };
      const answer = await call(url + path, method, { headers, ...(body ? { body } : {}) });
      if (answer.status !== 200) throw new Refused(answer.text);
      return answer.body;
    });
  for (let n = 0; !isOver(); n++) {
    const name = `churn ${n}`;
    const { workflow_id } = await send("POST", "/workflow/state", `start-${n}`, { name });
    if (n % 2 === 0) kept.push(name);
    else {
      await send("DELETE", `/workflow/state?workflow_id=${workflow_id}`, `clear-${n}`);
      removed.push(name);
    }
  }
  return { kept, removed };
}

/** After a start, before anyone may write: what the server says must hold against all that was ever heard of it. */
async function checkWord(url: string, { acks }: InsistentWriters, watcher: PatientWatcher) {
  for (const id of IDS) {
    const { body } = await call(`${url}/workflow/state?workflow_id=${id}`, "GET");
    const known = acks.filter(({ workflow_id }) => workflow_id === id);
    const accepted = Math.max(1, ...known.map(({ revision }) => revision));
    const position = watcher.position(id);
    expect(body.revision).toBeGreaterThanOrEqual(accepted);
    expect(body.revision).toBeGreaterThanOrEqual(position?.revision ?? 0);
    expect(body.epoch).toBe(position?.epoch ?? body.epoch);
    watcher.hear(id, body.revision, body.state);
  }
}

/** In the end, when every request was answered: each revision is the doing of exactly one of them. */
async function checkHistory(url: string, { acks }: InsistentWriters, watcher: PatientWatcher) {
  expect(new Set(acks.map(({ workflow_id, epoch }) => workflow_id + epoch)).size).toBe(IDS.length);
  for (const id of IDS) {
    const { body } = await call(`${url}/workflow/state?workflow_id=${id}`, "GET");
    const { at, revisions } = replay(acks, id);
    expect(revisions).toEqual(Array.from({ length: body.revision - 1 }, (_, i) => i + 2));
    expect(written(body.state)).toEqual(at.get(body.revision));
    const told = watcher.told.get(id)!;
    expect(told.size).toBeGreaterThan(KILLS / 2);
    for (const [revision, state] of told) expect(written(state)).toEqual(at.get(revision));
  }
}

describe("a killed server", () => {
  processTest(
    "a killed server keeps its word over 50 kills",
    { timeout: 1_800_000 },
    async ({ folder, start }) => {
      const dataDir = join(folder, "data");
      const where = new Whereabouts();
      await seeded(async (chance) => {
        const writers = new InsistentWriters(where, chance, IDS);
        const watcher = new PatientWatcher(where, IDS);
        let server = start(dataDir);
        let isOver = false;

        const first = await server.ready;
        for (const workflow_id of IDS) {
          await call(`${first}/workflow/state`, "POST", { body: { workflow_id } });
        }
        watcher.start();
        for (const writer of REST_WRITERS) writers.startByRest(writer);
        for (const writer of SOCKET_WRITERS) writers.startBySocket(writer);
        const churned = churn(where, () => isOver);
        where.isAt(first);

        for (let kill = 1; kill <= KILLS; kill++) {
          // On a busy machine a server might be killed before it did anything, each time: three of four live to be heard.
          if (kill % 4 !== 0) await untilAllTold(watcher);
          await momentToKill(dataDir, chance);
          where.isGone();
          await server.kill();
          server = start(dataDir);
          if (chance.below(10) === 0) {
            // Not even a start may be trusted to be whole.
            await new Promise((resolve) => setTimeout(resolve, chance.below(600)));
            await server.kill();
            server = start(dataDir);
          }
          const url = await server.ready;
          expect(await leftovers(dataDir, server.pid)).toEqual([]);
          await checkWord(url, writers, watcher);
          where.isAt(url);
        }

        isOver = true;
        await writers.stop();
        const { kept, removed } = await churned;
        const url = await where.url;
        await checkHistory(url, writers, watcher);
        await watcher.stop();
        expect(watcher.answers.resumed).toBeGreaterThan(0);

        const list = await call(`${url}/workflows?limit=1000`, "GET");
        const names = list.body.workflows.flatMap(({ name }) => name ?? []);
        expect(names.sort()).toEqual(kept.sort());
        expect(removed.length).toBeGreaterThan(0);
      }).finally(() => where.isGone());
    },
  );

  processTest(
    "a killed server leaves nothing behind that its successor does not sweep",
    async ({ folder, start }) => {
      const dataDir = join(folder, "data");
      const first = start(dataDir);
      await call(`${await first.ready}/workflow/state`, "POST", { body: { workflow_id: "kept" } });
      await first.kill();
      for (const place of ["workflows", "history"]) {
        await writeFile(join(dataDir, place, ".torn.json.123.0123456789ab.tmp"), '{"format":1,');
      }
      await writeFile(join(dataDir, "instep.lock.0123456789abcdef"), "");
      const next = start(dataDir);
      const { body } = await call(`${await next.ready}/workflow/state`, "GET");
      expect(body.state.workflow_id).toBe("kept");
      expect(await leftovers(dataDir, next.pid)).toEqual([]);
    },
  );
});

describe("a data folder", () => {
  processTest(
    "a data folder is one server's, until that one is gone",
    async ({ folder, start }) => {
      const dataDir = join(folder, "data");
      const holder = start(dataDir);
      const url = await holder.ready;
      await call(`${url}/workflow/state`, "POST", { body: { workflow_id: "kept" } });

      const second = start(dataDir);
      expect(await second.exited).toBe(75);
      expect(second.stderr).toContain(`${holder.pid}`);
      // A server that sleeps is not gone.
      holder.signal("SIGSTOP");
      expect(await start(dataDir).exited).toBe(75);
      holder.signal("SIGCONT");
      expect((await call(`${url}/workflow/state`, "GET")).body.state.workflow_id).toBe("kept");

      await holder.kill();
      const successor = start(dataDir);
      const taken = await call(`${await successor.ready}/workflow/state`, "GET");
      expect(taken.body.state.workflow_id).toBe("kept");
      expect(await start(dataDir).exited).toBe(75);
    },
  );
});

describe("a server that is told to stop", () => {
  processTest(
    "a server that is told to stop while writers write ends well, and has kept its word",
    async ({ folder, start }) => {
      const dataDir = join(folder, "data");
      const where = new Whereabouts();
      await seeded(async (chance) => {
        const writers = new InsistentWriters(where, chance, ["one"]);
        for (const name of ["SIGTERM", "SIGINT", "SIGTERM"] as const) {
          const server = start(dataDir);
          const url = await server.ready;
          const { body } = await call(`${url}/workflow/state?workflow_id=one`, "GET");
          if (!body.state) {
            await call(`${url}/workflow/state`, "POST", { body: { workflow_id: "one" } });
            writers.startByRest("rest-a");
            writers.startBySocket("socket-a");
          }
          const before = writers.acks.length;
          where.isAt(url);
          await until(() => writers.acks.length > before + 20, "the writers write");
          where.isGone();
          server.signal(name);
          expect(await server.exited).toBe(0);
          const newest = Math.max(...writers.acks.map(({ revision }) => revision));
          const after = start(dataDir);
          const now = await call(`${await after.ready}/workflow/state?workflow_id=one`, "GET");
          expect(now.body.revision).toBeGreaterThanOrEqual(newest);
          await after.kill();
        }
        const last = start(dataDir);
        where.isAt(await last.ready);
        await writers.stop();
        const { revisions } = replay(writers.acks, "one");
        expect(revisions).toEqual(revisions.map((_, i) => i + 2));
      }).finally(() => where.isGone());
    },
  );
});
