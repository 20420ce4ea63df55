/** SSH connections as people paste them: what is read, and what is refused because ssh or a shell could take it for more. */
import { describe, expect, it } from "vitest";
import { formatSshConnection, parseSshConnection } from "../../shared/sshConnection.js";
import { HOSTILE_CONNECTIONS } from "../support/hostileConnections.js";

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
    expect(parseSshConnection(text)).toEqual({ ok: true, connection });
    expect(parseSshConnection(formatSshConnection(connection))).toEqual({ ok: true, connection });
  });

  it.each(HOSTILE_CONNECTIONS.map((text) => [text.slice(0, 60), text]))(
    "%j is refused, and it is said why",
    (_shown, text) => {
      const parsed = parseSshConnection(text);
      expect(parsed).toEqual({ ok: false, why: expect.stringMatching(/^[\x20-\x7e]{10,}$/) });
    },
  );

  it("is refused with a reason that helps", () => {
    const why = (text: string) => {
      const parsed = parseSshConnection(text);
      return parsed.ok ? null : parsed.why;
    };
    expect(why("ssh -oProxyCommand=touch host")).toBe(
      'the option "-oProxyCommand=touch" is not allowed here; only -p and -l are',
    );
    expect(why("ssh -p 70000 host")).toBe('"70000" is no port (1 to 65535)');
    expect(why("ssh host uptime")).toBe(
      'must name one host and no command, such as "ssh -p 2222 root@host"',
    );
  });
});
