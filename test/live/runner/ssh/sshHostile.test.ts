/** Hostile SSH connections against the SSH example: none ever reaches ssh, and what does is never read as an option. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { HOSTILE_CONNECTIONS } from "../../../support/samples/hostileConnections.js";
import { runnerTest as test } from "../../../support/servers/runnerWorld.js";
import { EXAMPLES } from "../../../support/servers/sshMachine.js";

describe("a connection that is pasted in", () => {
  /** In place of ssh and its tools: note how they were called, and do nothing. */
  const fakeTools = (folder: string): string => {
    const bin = join(folder, "bin");
    mkdirSync(bin);
    for (const tool of ["ssh", "ssh-keyscan"]) {
      const script = `#!/bin/sh\nprintf '%s\\n' ${tool} "$@" "" >> '${join(folder, "calls")}'\nexit 255\n`;
      writeFileSync(join(bin, tool), script, { mode: 0o755 });
    }
    return `${bin}:${process.env.PATH}`;
  };

  test("a connection that is pasted in is refused where ssh could take any of it for an option", async ({
    runnerWorld,
    folder,
  }) => {
    const PATH = fakeTools(folder);
    const { command } = await runnerWorld({ workflowsDir: EXAMPLES, env: { PATH } });
    for (const ssh_connection of HOSTILE_CONNECTIONS) {
      const answer = await command("start", { name: "gpu-setup", inputs: { ssh_connection } });
      expect([ssh_connection, answer.status, answer.body.errors?.[0]?.path]).toEqual([
        ssh_connection,
        400,
        "inputs.ssh_connection",
      ]);
    }
    expect(existsSync(join(folder, "calls"))).toBe(false);
    expect(existsSync("pwned") || existsSync(join(EXAMPLES, "pwned"))).toBe(false);
  });

  test("a connection that is pasted in reaches ssh word for word, behind everything that is an option", async ({
    runnerWorld,
    folder,
  }) => {
    const PATH = fakeTools(folder);
    const world = await runnerWorld({ workflowsDir: EXAMPLES, env: { PATH } });
    const inputs = { ssh_connection: "ssh -l some.one ssh://[::1]:2200" };
    const { error_message } = await world.ended(await world.start("gpu-setup", { inputs }));
    expect(error_message).toContain("What answers on ::1, port 2200, does not speak SSH");
    const [scan, ssh] = readFileSync(join(folder, "calls"), "utf8")
      .split("\n\n")
      .map((call) => call.split("\n"));
    expect(scan?.join(" ")).toBe("ssh-keyscan -T 10 -p 2200 -t ed25519,ecdsa,rsa -- ::1");
    expect(ssh?.slice(-5)).toEqual(["-l", "some.one", "--", "::1", "true"]);
    for (const option of [
      "BatchMode=yes",
      "StrictHostKeyChecking=yes",
      `UserKnownHostsFile="${join(world.server.dataDir, "private", "known_hosts")}"`,
      "GlobalKnownHostsFile=/dev/null",
      "ProxyCommand=none",
      "PermitLocalCommand=no",
    ]) {
      expect(ssh?.[ssh.indexOf(option) - 1]).toBe("-o");
    }
  });
});
