/** A node of a cluster is lost while it runs a workflow: that goes on on another node where its definition says so, and never do two of its commands run at once. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import type { ClusterServer } from "../../support/cluster/clusterServer.js";
import { type Cluster, faultTest } from "../../support/cluster/faultTest.js";
import { until } from "../../support/deadline.js";
import { hasEtcd } from "../../support/etcd/hasEtcd.js";
import { call } from "../../support/links/rest.js";

/** One sign of life of a command: the attempt it is of, and when, in seconds that the machine has been up. */
interface Sign {
  readonly attempt: number;
  readonly at: number;
}

/** A command that does not heed SIGTERM, and writes its signs of life until there is a gate for its attempt. */
async function recipe(folder: string, key: "wait" | "resume") {
  const workflows = join(folder, "workflows");
  const [signs, gate] = [join(folder, "signs"), join(folder, "gate")];
  await mkdir(workflows, { recursive: true });
  const text = `name: long
on_node_loss: ${key}
steps:
  - action: work
    idempotent: true
    run: |
      trap '' TERM
      sign() { read -r up rest </proc/uptime; echo "$INSTEP_ATTEMPT $up" >>${signs}; }
      sign
      until [ -e ${gate}.$INSTEP_ATTEMPT ]; do sleep 0.1; sign; done
      echo over
`;
  await writeFile(join(workflows, "long.yaml"), text);
  const read = async (): Promise<Sign[]> => {
    const lines = (await readFile(signs, "utf8").catch(() => "")).trim().split("\n");
    return lines.filter(Boolean).map((line) => {
      const [attempt, at] = line.split(" ").map(Number);
      return { attempt: attempt!, at: at! };
    });
  };
  return { workflows, read, open: (attempt: number) => writeFile(`${gate}.${attempt}`, "") };
}

const state = async ({ url }: Pick<ClusterServer, "url">, id: string) =>
  (await call(`${url}/workflow/state?workflow_id=${id}`, "GET")).body.state;

async function start({ url }: ClusterServer): Promise<string> {
  const { body } = await call(`${url}/workflow/start`, "POST", { body: { name: "long" } });
  expect(body).toMatchObject({ success: true });
  return body.workflow_id;
}

/** Two nodes, and a workflow of which the first has a command at work. */
async function working({ spawn }: Cluster, folder: string, key: "wait" | "resume") {
  const { workflows, read, open } = await recipe(folder, key);
  const flags = ["--workflows", workflows];
  const [a, b] = [await spawn(...flags), await spawn(...flags)];
  const id = await start(a);
  await until(async () => (await read()).length > 3, "the command to work");
  return { a, b, id, read, open };
}

const untilStatus = (server: ClusterServer, id: string, status: string) =>
  until(async () => {
    const now = await state(server, id);
    return now?.status === status && now;
  }, `${server.node} says that it is ${status}`);

/** Each attempt had ended before the next one began. */
function expectOneAtATime(signs: readonly Sign[]): void {
  const attempts = [...new Set(signs.map(({ attempt }) => attempt))];
  const times = attempts.map((one) => signs.filter(({ attempt }) => attempt === one));
  for (const [at, own] of times.entries()) {
    const next = times[at + 1];
    if (next) expect(own.at(-1)!.at, `attempt ${at + 1} is over`).toBeLessThan(next[0]!.at);
  }
}

describe.skipIf(!hasEtcd)("a node that is lost", () => {
  faultTest(
    "its server is killed: the command ends, another node goes on with the next attempt, and the first server finds nothing to do",
    async ({ openCluster, folder }) => {
      const { a, b, id, read, open } = await working(await openCluster(), folder, "resume");
      await open(2);
      await a.kill();
      const lost = await untilStatus(b, id, "interrupted");
      expect(lost.interruption).toMatchObject({ reason: "node_lost", processes: "may_be_running" });
      expect(lost.interruption?.note).toMatch(
        /its command may still run there until \S+, and is ended there by then. From \S+ on it goes on by itself on another node \(on_node_loss: resume\)\.$/,
      );
      const done = await untilStatus(b, id, "completed");
      expect(done).toMatchObject({ node: b.node, steps: [{ attempt: 2, status: "completed" }] });
      expect(Date.parse(done.steps[0]!.started_at!)).toBeGreaterThanOrEqual(
        Date.parse(lost.interruption!.goes_on_at!),
      );
      const signs = await read();
      expect(new Set(signs.map(({ attempt }) => attempt))).toEqual(new Set([1, 2]));
      expectOneAtATime(signs);
      await a.start();
      expect(await state(a, id)).toEqual(await state(b, id));
      expect(await read()).toEqual(signs);
    },
  );

  faultTest(
    "its server is frozen for longer than anybody waits: no second effect, and when it wakes it hears of it",
    async ({ openCluster, folder }) => {
      const { a, b, id, read, open } = await working(await openCluster(), folder, "resume");
      a.freeze();
      await until(async () => (await read()).at(-1)?.attempt === 2, "the second attempt to work");
      a.thaw();
      await until(async () => (await state(a, id))?.node === b.node, "the first to hear of it");
      expect((await state(a, id))?.status).toBe("running");
      await open(2);
      await untilStatus(a, id, "completed");
      expect((await state(a, id))?.steps[0]).toMatchObject({ attempt: 2, status: "completed" });
      expectOneAtATime(await read());
    },
  );

  faultTest(
    "its way to etcd is cut: it ends its command itself, and goes on where the others do when it is back",
    async ({ openCluster, folder }) => {
      const { a, b, id, read, open } = await working(await openCluster(), folder, "resume");
      await open(2);
      a.cut();
      const done = await untilStatus(b, id, "completed");
      expect(done).toMatchObject({ node: b.node, steps: [{ attempt: 2 }] });
      a.heal();
      await untilStatus(a, id, "completed");
      expect(await state(a, id)).toEqual(await state(b, id));
      expectOneAtATime(await read());
    },
  );

  faultTest(
    "its server is killed and begins again within its lease: the same attempt goes on, past the deadline it had",
    async ({ openCluster, folder }) => {
      const { a, b, id, read, open } = await working(await openCluster(), folder, "resume");
      await a.kill();
      const killed = (await read()).at(-1)!.at;
      await a.start();
      await until(async () => (await read()).at(-1)!.at > killed + 11, "the old deadline to pass");
      await open(1);
      const done = await untilStatus(b, id, "completed");
      expect(done).toMatchObject({ node: a.node, steps: [{ attempt: 1, status: "completed" }] });
      expect(done.steps[0]?.attempts).toBeUndefined();
    },
  );

  faultTest(
    "its server is frozen for longer than its lease, and the definition waits: it takes the same attempt back",
    async ({ openCluster, folder }) => {
      const { a, b, id, read, open } = await working(await openCluster(), folder, "wait");
      a.freeze();
      const lost = await untilStatus(b, id, "interrupted");
      expect(lost.interruption?.goes_on_at).toBeUndefined();
      a.thaw();
      const back = await untilStatus(b, id, "running");
      expect(back.steps[0]).toMatchObject({ attempt: 1, status: "in_progress" });
      await open(1);
      const done = await untilStatus(b, id, "completed");
      expect(done).toMatchObject({ node: a.node, steps: [{ attempt: 1, status: "completed" }] });
      expect((await read()).every(({ attempt }) => attempt === 1)).toBe(true);
    },
  );
});
