/** A link that breaks in every way, while a command on another machine goes on: nothing of its output is lost or told twice, and its end is told once. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { allProcesses } from "../../../../../server/machine/processes.js";
import type { LinkNews } from "../../../../../server/runner/keeper/keeper.js";
import { hastyClock } from "../../../../support/clocks/hastyClock.js";
import { until, whileMoving } from "../../../../support/deadline.js";
import { type FarMachine, farTest, readAll } from "../../../../support/servers/farMachine.js";
import { parentOf } from "../../../../support/servers/processes.js";

/** Prints so many numbered lines with a pause between some, and keeps a copy of its own. */
const counting = (lines: number, more = "") =>
  `i=0; while [ $i -lt ${lines} ]; do
    echo "line $i of many, and some text behind it"; i=$((i + 1))
    [ $((i % 20)) != 0 ] || sleep 0.1
  done | tee copy; ${more}exit 7`;

const copyOf = ({ home }: FarMachine) => readFileSync(join(home, "copy"));

/** The ssh of ours that leads to that machine. */
const clients = ({ machine }: { machine: FarMachine }) =>
  machine.processesWith(`-p\0${machine.link.port}\0`);

const lastOf = (news: readonly LinkNews[]) => news.at(-1)!.lost;

describe("a link", () => {
  farTest("a link that is cut ten times by turns loses nothing", async ({ machine }) => {
    const { keeper, news } = machine.start(
      counting(1_500, "read x <wait; "),
      {},
      machine.links(hastyClock(10)),
    );
    // It is there for as long as the link is cut, however slow that is.
    machine.fifo("wait");
    await keeper.begun;
    const reading = readAll(keeper);
    const ways = [
      () => machine.link.cut(),
      () => clients({ machine }).forEach((pid) => void process.kill(pid, "SIGKILL")),
      () => machine.ssh.sessions().forEach((pid) => void process.kill(pid, "SIGKILL")),
    ];
    for (let cuts = 0; cuts < 10; cuts += 1) {
      const before = news.length;
      ways[cuts % ways.length]!();
      await until(() => news.length > before && lastOf(news) !== null, "the link is lost");
      await until(() => lastOf(news) === null, "the link is there again");
    }
    machine.fill("wait", "\n");
    const { bytes, leftOut } = await whileMoving(reading, () => String(copyOf(machine).length));
    expect(leftOut).toBe(0);
    expect(bytes.equals(copyOf(machine))).toBe(true);
    expect(bytes.toString().split("\n")).toHaveLength(1_501);
    expect(await keeper.ended).toMatchObject({ kind: "ended", exitCode: 7 });
    await keeper.remove();
    await machine.untilNothingKept();
    await until(() => machine.processesWith(machine.home).length === 0, "nothing of it runs");
  });

  farTest("a lost link says since when, why, and when it is tried again", async ({ machine }) => {
    const { keeper, news } = machine.start("read x <wait; echo read $x");
    machine.fifo("wait");
    const before = Date.now();
    await keeper.begun;
    machine.link.refuse();
    await until(() => lastOf(news)?.nextTryAt, "it is tried again");
    const lost = lastOf(news)!;
    expect(lost.since).toBeGreaterThanOrEqual(before);
    expect(lost.why).toMatch(/^the link broke/);
    const found = lost.nextTryAt! - Date.now();
    expect(found).toBeLessThanOrEqual(1_000);
    await until(() => /there was no link/.test(lastOf(news)?.why ?? ""), "the second try failed");
    expect(lastOf(news)!.since).toBe(lost.since);
    machine.link.pass();
    await until(() => lastOf(news) === null, "it is there again");
    machine.fill("wait", "this\n");
    expect((await readAll(keeper)).bytes.toString()).toBe("read this\n");
    await keeper.remove();
  });

  farTest("a link over which nothing comes any more is noticed", async ({ machine }) => {
    const { keeper, news } = machine.start("echo one; read x <wait; echo two");
    machine.fifo("wait");
    const reading = readAll(keeper);
    await keeper.begun;
    const stalled = performance.now();
    machine.link.stall();
    await until(() => lastOf(news), "the silence is noticed");
    expect(performance.now() - stalled).toBeLessThan(30_000);
    expect(lastOf(news)!.why).toBe("127.0.0.1 fell silent");
    machine.link.cut();
    machine.link.pass();
    machine.fill("wait", "\n");
    expect((await reading).bytes.toString()).toBe("one\ntwo\n");
    await keeper.remove();
  });

  farTest("a command outlives the sshd through which it was started", async ({ machine }) => {
    const { keeper, news } = machine.start("echo one; read x <wait; echo two");
    machine.fifo("wait");
    await keeper.begun;
    await machine.ssh.stop();
    machine.link.cut();
    await until(() => /nothing listens|no link/.test(lastOf(news)?.why ?? ""), "sshd is not there");
    await machine.ssh.restart();
    machine.fill("wait", "\n");
    expect((await readAll(keeper)).bytes.toString()).toBe("one\ntwo\n");
    expect(await keeper.ended).toMatchObject({ kind: "ended", exitCode: 0 });
    await keeper.remove();
  });

  farTest(
    "a link is not taken for broken where the machine does not let us in",
    async ({ machine }) => {
      const { keeper, news } = machine.start("read x <wait");
      machine.fifo("wait");
      await keeper.begun;
      machine.ssh.forgetKeys();
      machine.link.cut();
      await until(() => lastOf(news)?.why.includes("does not let"), "the refusal is told");
      expect(lastOf(news)!.why).toBe(
        `127.0.0.1, port ${machine.link.port}, does not let ${machine.ssh.user} in: the key ${machine.ssh.identityFile} was not accepted`,
      );
      machine.ssh.takeKeys();
      machine.fill("wait", "\n");
      expect(await keeper.ended).toMatchObject({ kind: "ended", exitCode: 0 });
      await keeper.remove();
    },
  );

  farTest("the server is killed with its link, and the next one reads on", async ({ machine }) => {
    const run = machine.start(counting(400));
    await run.keeper.begun;
    const first = await run.keeper.read({ segment: 1, at: 0 }, 1_000, new AbortController().signal);
    // As where the process is killed: nobody takes leave, and its ssh ends with it.
    await run.keeper.leave();
    for (const pid of clients({ machine })) process.kill(pid, "SIGKILL");
    const taken = run.takenUp(machine.links());
    expect(await taken.begun).toMatchObject({ pid: (await run.keeper.begun)!.pid });
    const rest = await readAll(taken, first!.next);
    expect(Buffer.concat([first!.bytes, rest.bytes]).equals(copyOf(machine))).toBe(true);
    expect(await taken.ended).toMatchObject({ kind: "ended", exitCode: 7 });
    await taken.remove();
    await machine.untilNothingKept();
  });

  farTest("a link leaves no shell over there, however it broke", async ({ machine }) => {
    const { keeper, news } = machine.start("read x <wait");
    machine.fifo("wait");
    await keeper.begun;
    machine.link.stall();
    await until(() => lastOf(news), "the silence is noticed");
    // The far side never hears of it: its connection stays.
    machine.link.passNew();
    await until(() => lastOf(news) === null, "there is a new link");
    await until(() => shells(machine).length === 1, "only its own shell is there");
    machine.fill("wait", "\n");
    await keeper.ended;
    await keeper.remove();
  });
});

const shells = ({ ssh }: FarMachine) => {
  const all = allProcesses() ?? [];
  const sessions = new Set(ssh.sessions());
  return all.filter(({ pid }) => sessions.has(parentOf(pid))).filter(({ state }) => state !== "Z");
};

describe("the start on a machine that refuses us", () => {
  farTest("a machine does not know our key, and nothing begins", async ({ machine }) => {
    machine.ssh.forgetKeys();
    const { keeper } = machine.start("echo");
    expect(await keeper.begun).toBeNull();
    const end = await keeper.ended;
    expect(end.kind).toBe("never began");
    expect(end.kind === "never began" && end.why).toMatch(
      /does not let \S+ in: the key .* was not/,
    );
    await keeper.remove();
  });

  farTest(
    "a machine shows a host key that nobody knows, and nothing begins",
    async ({ machine }) => {
      machine.forgetHost();
      const { keeper } = machine.start("echo");
      const end = await keeper.ended;
      expect(end.kind === "never began" && end.why).toMatch(/^the host key of .* is not known yet/);
      await keeper.remove();
    },
  );

  farTest(
    "a machine shows another host key than the kept one, and nothing begins",
    async ({ machine }) => {
      await machine.ssh.changeHostKey();
      const { keeper } = machine.start("echo");
      const end = await keeper.ended;
      expect(end.kind === "never began" && end.why).toMatch(/shows another host key \(SHA256:/);
      await keeper.remove();
    },
  );

  farTest(
    "a machine cannot be reached yet, and the command begins once it can",
    async ({ machine }) => {
      machine.link.refuse();
      const { keeper, news } = machine.start("echo there");
      await until(() => lastOf(news)?.nextTryAt, "it is tried again");
      machine.link.pass();
      expect((await readAll(keeper)).bytes.toString()).toBe("there\n");
      await keeper.remove();
    },
  );
});
