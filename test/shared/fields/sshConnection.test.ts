/** SSH connections as people paste them: what is read, and what is refused because ssh or a shell could take it for more. */
import { describe, expect, it } from "vitest";
import {
  formatSshConnection,
  leftOutWords,
  parseSshConnection,
} from "../../../shared/fields/sshConnection.js";
import { HOSTILE_CONNECTIONS } from "../../support/samples/hostileConnections.js";

describe("an SSH connection", () => {
  it.each([
    ["ssh -p 2222 root@host", { host: "host", port: 2222, user: "root" }],
    ["ssh -p 2222 root@example.com", { host: "example.com", port: 2222, user: "root" }],
    ["ssh root@host -p 2222", { host: "host", port: 2222, user: "root" }],
    ["ssh -p2222 -l root host", { host: "host", port: 2222, user: "root" }],
    ["ssh -lroot host", { host: "host", port: 22, user: "root" }],
    ["  ssh   root@host  ", { host: "host", port: 22, user: "root" }],
    ["root@host", { host: "host", port: 22, user: "root" }],
    ["host", { host: "host", port: 22, user: null }],
    ["ssh ssh", { host: "ssh", port: 22, user: null }],
    ["ssh ssh4.vast.ai", { host: "ssh4.vast.ai", port: 22, user: null }],
    ["ssh ssh://root@host:2222", { host: "host", port: 2222, user: "root" }],
    ["ssh://host/", { host: "host", port: 22, user: null }],
    ["ssh 192.0.2.7", { host: "192.0.2.7", port: 22, user: null }],
    ["ssh root@2001:db8::1", { host: "2001:db8::1", port: 22, user: "root" }],
    ["ssh -p 2222 root@[2001:db8::1]", { host: "2001:db8::1", port: 2222, user: "root" }],
    ["ssh://root@[2001:db8::1]:2222", { host: "2001:db8::1", port: 2222, user: "root" }],
    ["ssh fe80::1%eth0", { host: "fe80::1%eth0", port: 22, user: null }],
    [
      "ssh -p 65535 a_user.name-1@gpu_1.example.",
      { host: "gpu_1.example.", port: 65535, user: "a_user.name-1" },
    ],
  ])("%s is read", (text, connection) => {
    const parsed = { ok: true, connection, leftOut: [] };
    expect(parseSshConnection(text)).toEqual(parsed);
    expect(parseSshConnection(formatSshConnection(connection))).toEqual(parsed);
  });

  it.each([
    // Vast.ai
    [
      "ssh -p 2222 root@host -L 8080:localhost:8080",
      "ssh -p 2222 root@host",
      "-L 8080:localhost:8080",
    ],
    [
      "ssh -p 2222 root@host -L8080:localhost:8080",
      "ssh -p 2222 root@host",
      "-L 8080:localhost:8080",
    ],
    ["ssh -NL 8080:localhost:8080 host", "ssh host", "-N -L 8080:localhost:8080"],
    [
      "ssh -fNTL8888:[::1]:8888 -R 1:h:2 -D1080 host",
      "ssh host",
      "-f -N -T -L 8888:[::1]:8888 -R 1:h:2 -D 1080",
    ],
    // RunPod
    [
      "ssh root@203.0.113.4 -p 22001 -i ~/.ssh/id_ed25519",
      "ssh -p 22001 root@203.0.113.4",
      "-i ~/.ssh/id_ed25519",
    ],
    [
      "ssh 8y5rumuyb50m78-6441103b@ssh.runpod.io -i ~/.ssh/id_ed25519",
      "ssh 8y5rumuyb50m78-6441103b@ssh.runpod.io",
      "-i ~/.ssh/id_ed25519",
    ],
    // AWS, Lambda, Azure, Paperspace
    [
      'ssh -i "key.pem" ubuntu@ec2-203-0-113-4.compute-1.amazonaws.com',
      "ssh ubuntu@ec2-203-0-113-4.compute-1.amazonaws.com",
      "-i key.pem",
    ],
    [
      "ssh -i '~/.ssh/my key.pem' ubuntu@203.0.113.4",
      "ssh ubuntu@203.0.113.4",
      '-i "~/.ssh/my key.pem"',
    ],
    [
      'ssh -i "C:\\Users\\me\\key.pem" azureuser@203.0.113.4',
      "ssh azureuser@203.0.113.4",
      "-i C:\\Users\\me\\key.pem",
    ],
    ["ssh paperspace@203.0.113.4 # my machine, it's new", "ssh paperspace@203.0.113.4", ""],
    ["$ ssh root@host", "ssh root@host", ""],
    ['ssh -p "2222" "root"@\'host\'', "ssh -p 2222 root@host", ""],
    ["ssh -A -X -C -q -4 -tt -vvv host", "ssh host", "-A -X -C -q -4 -t -v"],
    ["ssh -vp 2222 -vl root host", "ssh -p 2222 root@host", "-v"],
    [
      "ssh -o StrictHostKeyChecking=no -oUserKnownHostsFile=/dev/null host",
      "ssh host",
      "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null",
    ],
    [
      'ssh -o "ServerAliveInterval 30" -o IdentitiesOnly=yes host',
      "ssh host",
      '-o "ServerAliveInterval 30" -o IdentitiesOnly=yes',
    ],
    ["ssh ssh://root@host:2222 -L 1:h:2", "ssh -p 2222 root@host", "-L 1:h:2"],
  ])("%s is read, and what does not say where to go is left out", (text, used, leftOut) => {
    const parsed = parseSshConnection(text);
    if (!parsed.ok) throw new Error(parsed.why);
    expect(formatSshConnection(parsed.connection)).toBe(used);
    expect(parsed.leftOut.join(" ")).toBe(leftOut);
  });

  it("an SSH connection says in words what was left out, and to everybody without the values", () => {
    const options = ["-N", "-L 8080:localhost:8080", "-i key.pem", "-o LocalForward=1 h:2", "-v"];
    expect(leftOutWords(options)).toBe(
      "port forwarding was left out: -L 8080:localhost:8080 -o LocalForward=1 h:2; " +
        "the key was left out (the server has its own, or asks for one in another field): -i key.pem; " +
        "options that do not say where to go were left out: -N -v",
    );
    expect(leftOutWords(["-L 8080:localhost:8080"], true)).toBe("port forwarding was left out");
    expect(leftOutWords([])).toBeNull();
  });

  it("an SSH connection is read in no time, whatever is in it", () => {
    const began = process.cpuUsage().user;
    for (const part of ['"', "'", "-L ", "-o x", " #", "a.", '""', "-4"])
      for (let n = 0; n < 50; n++) parseSshConnection(`ssh ${part.repeat(390 / part.length)}`);
    expect(process.cpuUsage().user - began).toBeLessThan(2_000_000);
  });

  it.each(HOSTILE_CONNECTIONS.map((text) => [text.slice(0, 60), text]))(
    "%j is refused, and it is said why",
    (_shown, text) => {
      const parsed = parseSshConnection(text);
      expect(parsed).toEqual({ ok: false, why: expect.stringMatching(/^[\x20-\x7e]{10,}$/) });
    },
  );

  it("an SSH connection is refused with a reason that helps", () => {
    const why = (text: string) => {
      const parsed = parseSshConnection(text);
      return parsed.ok ? null : parsed.why;
    };
    expect(why("ssh -oProxyCommand=touch host")).toBe(
      'the option "-o ProxyCommand=touch" is not allowed here; only -p and -l say where to go',
    );
    expect(why("ssh -J jump host")).toBe(
      'the option "-J" is not allowed here; only -p and -l say where to go',
    );
    expect(why("ssh root@host && reboot")).toBe('has "&" in it, which only a shell understands');
    expect(why("ssh root@host -L")).toBe("-L needs a value");
    expect(why("ssh -p 70000 host")).toBe('"70000" is no port (1 to 65535)');
    expect(why("ssh host uptime")).toBe(
      'must name one host and no command, such as "ssh -p 2222 root@host"',
    );
  });
});
