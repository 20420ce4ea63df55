/** The SSH example against a real sshd on loopback: the host's key, the copy, and what is said where either fails. */
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import type { WorkflowState } from "../../../../shared/schema/workflow.js";
import { until } from "../../../support/deadline.js";
import { processesOf, untilSomeOf } from "../../../support/servers/processes.js";
import {
  isBlocked,
  type Machine,
  makeTree,
  sshTest as test,
  treeOf,
} from "../../../support/servers/sshMachine.js";

/** Resolves with the state once the link carries no more of `large.bin`, and most of what it carried is on the other side's disk. */
async function halfCopied({ world, link, copy }: Machine, id: string): Promise<WorkflowState> {
  const arrived = (): number => {
    const models = join(copy, "models");
    const files = existsSync(models) ? readdirSync(models) : [];
    const partial = files.find((name) => name.startsWith(".large.bin."));
    return partial === undefined ? 0 : statSync(join(models, partial)).size;
  };
  await until(
    () => link.isStalled && arrived() > 3_000_000,
    () => `the link stalls, and what went through is there: ${arrived()} bytes`,
  );
  return world.until(id, ({ steps }) => (steps[1]?.progress ?? 0) > 0.1);
}

/** The other side writes it away when it hears that the link is gone, which nobody here is told of. */
const untilKept = ({ copy }: Machine): Promise<true> =>
  until(
    () => existsSync(join(copy, "models", ".instep-partial", "large.bin")),
    "what arrived is kept",
  );

describe("the SSH example", () => {
  test("the SSH example asks for an unknown host key, keeps it, copies the folder and compares the copy", async ({
    machine,
  }) => {
    const { world, ssh, source, copy } = machine;
    const id = await machine.start();
    const asked = await machine.answer(id, true);
    expect(asked.block_info?.prompt).toContain(ssh.fingerprint);
    expect(asked.block_info?.prompt).toContain("is not known yet");
    const state = await world.ended(id);
    expect(state).toMatchObject({
      status: "completed",
      steps: ["test_ssh", "sync_instance", "verify"].map((action) => ({
        action,
        status: "completed",
      })),
    });
    expect(treeOf(copy)).toEqual(treeOf(source));
    expect(await world.outputOf(id, 2)).toMatch(/3 files are the same on 127\.0\.0\.1/);

    const again = await world.ended(await machine.start());
    expect(again.status).toBe("completed");
    expect(again.steps[0]?.answered).toBeUndefined();
    expect(machine.knownHosts().trim().split("\n")).toHaveLength(1);
  });

  test("the SSH example copies nothing and keeps no key where the answer is no", async ({
    machine,
  }) => {
    const id = await machine.start();
    await machine.answer(id, false);
    const state = await machine.world.ended(id);
    expect(state.error_message).toBe(
      "Test the connection: answered no: This is the right key; keep it",
    );
    expect(state.steps.map(({ status }) => status)).toEqual(["failed", "pending", "pending"]);
    expect(existsSync(machine.copy)).toBe(false);
    expect(machine.knownHosts()).toBe("");
  });

  test("the SSH example keeps the key that was shown, whatever the machine shows once it is answered", async ({
    machine,
  }) => {
    const { world, ssh } = machine;
    const id = await machine.start();
    const { block_info } = await world.until(id, isBlocked);
    const shown = ssh.fingerprint;
    await ssh.changeHostKey();
    expect(block_info?.prompt).toContain(shown);
    await machine.answer(id, true);
    const state = await world.ended(id);
    expect(state.error_message).toContain(
      `shows another host key (${ssh.fingerprint}) than the one that was kept (${shown})`,
    );
    expect(existsSync(machine.copy)).toBe(false);
  });

  test("the SSH example refuses a machine whose key has changed, and asks again once the old one is removed", async ({
    machine,
  }) => {
    const { world, ssh, link } = machine;
    const first = await machine.start();
    await machine.answer(first, true);
    await world.ended(first);
    const kept = machine.knownHosts();
    await ssh.changeHostKey();

    const id = await machine.start();
    const state = await world.ended(id);
    expect(state).toMatchObject({ status: "failed", steps: [{ attempt: 1 }, {}, {}] });
    expect(state.steps[0]?.answered).toBeUndefined();
    expect(state.error_message).toContain("Somebody may stand in between");
    expect(machine.knownHosts()).toBe(kept);

    const remove = /ssh-keygen -R '([^']+)' -f '([^']+)'/.exec(state.error_message ?? "");
    expect(remove?.[1]).toBe(`[127.0.0.1]:${link.port}`);
    execFileSync("ssh-keygen", ["-R", remove![1]!, "-f", remove![2]!], { stdio: "ignore" });
    const retried = await world.command("retry", { workflow_id: id });
    const asked = await machine.answer(retried.body.workflow_id, true);
    expect(asked.block_info?.prompt).toContain(ssh.fingerprint);
    expect(await world.ended(retried.body.workflow_id)).toMatchObject({ status: "completed" });
  });

  test("the SSH example goes on where it was after the link broke in the middle of the copy", async ({
    machine,
  }) => {
    const { world, link, source, copy } = machine;
    writeFileSync(join(source, "models", "large.bin"), randomBytes(8_000_000));
    // The key is kept, so that what the link carries from now on is the copy.
    const prepared = await machine.start({ limit: 3_000 }, { skip: ["sync_instance", "verify"] });
    await machine.answer(prepared, true);
    await world.ended(prepared);

    link.stallAfter(4_000_000);
    const id = await machine.start({ limit: 3_000, tries: 0 });
    const half = await halfCopied(machine, id);
    expect(half.steps[1]).toMatchObject({ action: "sync_instance", status: "in_progress" });
    expect(half.steps[1]!.progress).toBeLessThan(1);
    link.refuse();
    const broken = await world.ended(id);
    expect(broken.error_message).toBe(
      "Copy the folder: The link to 127.0.0.1 broke during the copy. What arrived is kept. Retry from sync_instance goes on there.",
    );
    expect(broken.steps.map(({ status }) => status)).toEqual(["completed", "failed", "pending"]);
    await untilKept(machine);
    expect(existsSync(join(copy, "models", "large.bin"))).toBe(false);

    link.pass();
    const retried = await world.command("retry", { workflow_id: id });
    const next = retried.body.workflow_id;
    const state = await world.ended(next);
    expect(state).toMatchObject({
      status: "completed",
      retried_from: { workflow_id: id },
      steps: [
        { status: "completed", finished_at: broken.steps[0]!.finished_at },
        { status: "completed" },
        { status: "completed" },
      ],
    });
    expect(treeOf(copy)).toEqual(treeOf(source));
    const [, sent] = /sent ([\d,]+) bytes/.exec(await world.outputOf(next, 1)) ?? [];
    expect(Number(sent?.replaceAll(",", ""))).toBeLessThan(6_000_000);
  });
});

describe("a copy whose link breaks", () => {
  test("a copy whose link breaks goes on by itself where it was, and says so meanwhile", async ({
    machine,
  }) => {
    const { world, link, source, copy } = machine;
    writeFileSync(join(source, "models", "large.bin"), randomBytes(8_000_000));
    const prepared = await machine.start({ limit: 3_000 }, { skip: ["sync_instance", "verify"] });
    await machine.answer(prepared, true);
    await world.ended(prepared);

    link.stallAfter(4_000_000);
    const id = await machine.start({ limit: 3_000 });
    await halfCopied(machine, id);
    link.refuse();
    const lost = await world.until(
      id,
      ({ steps }) => steps[1]?.tasks?.[0]?.status === "in_progress",
    );
    expect(lost.steps[1]).toMatchObject({ status: "in_progress", attempt: 1 });
    expect(lost.steps[1]!.tasks![0]).toMatchObject({
      name: "Link",
      note: expect.stringMatching(/^broke; tried again in \d+ s, try \d+ of 10$/),
    });
    await untilKept(machine);
    link.pass();
    const state = await world.ended(id);
    expect(state).toMatchObject({ status: "completed", steps: [{}, { attempt: 1 }, {}] });
    expect(state.steps[1]!.tasks).toMatchObject([
      { name: "Link", status: "completed", note: expect.stringMatching(/^back after \d+ s$/) },
    ]);
    expect(treeOf(copy)).toEqual(treeOf(source));
    // The second rsync sent only what had not arrived.
    const [, sent] = /sent ([\d,]+) bytes/.exec(await world.outputOf(id, 1)) ?? [];
    expect(Number(sent?.replaceAll(",", ""))).toBeLessThan(6_000_000);
  });

  test("a copy that is no longer let in is not tried again", async ({ machine }) => {
    const { world, ssh, link, source } = machine;
    writeFileSync(join(source, "models", "large.bin"), randomBytes(8_000_000));
    link.stallAfter(4_000_000);
    const id = await machine.start({ limit: 3_000 });
    await machine.answer(id, true);
    await halfCopied(machine, id);
    ssh.forgetKeys();
    link.cut();
    link.pass();
    const state = await world.ended(id);
    expect(state.error_message).toContain(`The key ${ssh.identityFile} was not accepted for`);
    expect(state.steps.map(({ status }) => status)).toEqual(["completed", "failed", "pending"]);
  });
});

describe("a copy that is cancelled on its way", () => {
  test("a copy that is cancelled on its way leaves no process behind, keeps what arrived, and goes on there with a retry", async ({
    machine,
  }) => {
    const { world, link, source, copy } = machine;
    writeFileSync(join(source, "models", "large.bin"), randomBytes(8_000_000));
    link.stallAfter(4_000_000);
    const id = await machine.start({ limit: 3_000 });
    await machine.answer(id, true);
    await halfCopied(machine, id);
    await untilSomeOf(id, 2);
    expect(await world.command("stop", { workflow_id: id })).toMatchObject({ status: 202 });
    const cancelled = await world.ended(id);
    expect(processesOf(id)).toEqual([]);
    expect(cancelled).toMatchObject({
      status: "cancelled",
      steps: [{ status: "completed" }, { status: "cancelled" }, { status: "pending" }],
    });
    await untilKept(machine);

    link.pass();
    const retried = await world.command("retry", { workflow_id: id });
    expect(await world.ended(retried.body.workflow_id)).toMatchObject({ status: "completed" });
    expect(treeOf(copy)).toEqual(treeOf(source));
  });
});

describe("the SSH example, where the copy cannot be made", () => {
  test("the SSH example says what to do where nothing listens on the port", async ({ machine }) => {
    const { world, ssh, link } = machine;
    await ssh.stop();
    const state = await world.ended(
      await machine.start({ ssh_connection: `ssh -p ${ssh.port} root@127.0.0.1` }),
    );
    expect(state.error_message).toBe(
      `Test the connection: Nothing listens on 127.0.0.1, port ${ssh.port}: is the machine up, and is this its SSH port?`,
    );
    expect(state.steps[0]?.answered).toBeUndefined();
    link.refuse();
    const turnedAway = await world.ended(await machine.start());
    expect(turnedAway.error_message).toContain("does not speak SSH with us");
  });

  test("the SSH example says what to do where nobody knows the name of the machine", async ({
    machine,
  }) => {
    const id = await machine.start({ ssh_connection: "ssh root@there-is-no-such-host.invalid" });
    expect((await machine.world.ended(id)).error_message).toBe(
      "Test the connection: No machine is known by the name there-is-no-such-host.invalid: check its spelling.",
    );
  });

  test("the SSH example says what to do where the machine does not accept the key", async ({
    machine,
  }) => {
    machine.ssh.forgetKeys();
    const id = await machine.start();
    await machine.answer(id, true);
    const { error_message } = await machine.world.ended(id);
    expect(error_message).toContain(`The key ${machine.ssh.identityFile} was not accepted for`);
    expect(error_message).toContain("authorized_keys");
  });

  test("the SSH example says what to do where the copy is not what it was copied from", async ({
    machine,
  }) => {
    const { world, copy } = machine;
    makeTree(copy);
    writeFileSync(join(copy, "README"), "olleh\n");
    const id = await machine.start({}, { skip: ["sync_instance"] });
    await machine.answer(id, true);
    const state = await world.ended(id);
    expect(state.error_message).toMatch(
      /^Compare the copy: Not the same on 127\.0\.0\.1: README, models\/-weights\.bin\. Retry/,
    );
  });

  test("the SSH example says what to do where there is nothing to copy", async ({ machine }) => {
    const id = await machine.start({ source: "-e sh -c true:" });
    await machine.answer(id, true);
    expect((await machine.world.ended(id)).error_message).toContain(
      "There is no folder -e sh -c true: on the server",
    );
  });
});
