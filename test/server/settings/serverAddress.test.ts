import { writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { readServerAddress } from "../../../server/settings/serverAddress.js";
import { commandTest } from "../../support/servers/commandHere.js";

describe("the address of a server", () => {
  test.each([
    ["localhost:4747", "http://localhost:4747/"],
    ["localhost", "http://localhost:4747/"],
    ["LOCALHOST:80", "http://localhost/"],
    ["127.0.0.1:8080", "http://127.0.0.1:8080/"],
    ["127.0.0.1", "http://127.0.0.1:4747/"],
    ["[::1]:4747", "http://[::1]:4747/"],
    ["[::1]", "http://[::1]:4747/"],
    ["::1", "http://[::1]:4747/"],
    [":4747", "http://127.0.0.1:4747/"],
    ["4747", "http://127.0.0.1:4747/"],
    [" localhost:4747/ \n", "http://localhost:4747/"],
    ["localhost:4747/instep", "http://localhost:4747/instep"],
    ["localhost/instep/", "http://localhost:4747/instep/"],
    ["http://myhost", "http://myhost/"],
    ["https://example.com/instep/?a=b#c", "https://example.com/instep/"],
    ["HTTP://Example.com:8080", "http://example.com:8080/"],
    ["http://bücher.example:4747", "http://xn--bcher-kva.example:4747/"],
    // Addresses of the page.
    ["http://myhost:4747/w/nightly", "http://myhost:4747/"],
    ["localhost:4747/w/nightly?step=copy#L5-L9", "http://localhost:4747/"],
    ["https://example.com/instep/w/nightly/", "https://example.com/instep/"],
    ["https://example.com/instep/start/backup?like=x", "https://example.com/instep/"],
    ["https://example.com/start", "https://example.com/"],
  ])("%j is %s", (given, url) => {
    expect(readServerAddress(given)).toMatchObject({ ok: true, url });
  });

  test.each([
    ["http://h/w/nightly", "nightly"],
    ["localhost:4747/w/deploy%3A7?step=copy", "deploy:7"],
    ["http://h/instep/w/nightly/#L7", "nightly"],
  ])("%j is also the page of %s", (given, workflow_id) => {
    expect(readServerAddress(given)).toMatchObject({ ok: true, workflow_id });
  });

  test("a link to sign in brings its token", () => {
    expect(readServerAddress("http://h/#t=0123456789abcdef")).toEqual({
      ok: true,
      url: "http://h/",
      token: "0123456789abcdef",
    });
  });

  const FORMS = "must be an address like http://127.0.0.1:4747 or localhost:4747";
  const OTHER = "must begin with http:// or https:// for another machine: ";
  test.each([
    ["", `${FORMS}, not ""`],
    ["myhost", `${OTHER}http://myhost or https://myhost`],
    ["example.com", `${OTHER}http://example.com or https://example.com`],
    ["myhost:8080/instep?x=1", `${OTHER}http://myhost:8080/instep or https://myhost:8080/instep`],
    ["192.168.1.5:4747", `${OTHER}http://192.168.1.5:4747 or https://192.168.1.5:4747`],
    ["[fe80::1]:4747", `${OTHER}http://[fe80::1]:4747 or https://[fe80::1]:4747`],
    [
      "localhost.evil.example:4747",
      `${OTHER}http://localhost.evil.example:4747 or https://localhost.evil.example:4747`,
    ],
    ["ws://localhost:4747", `${FORMS}, not ws://`],
    ["file:///etc/passwd", `${FORMS}, not file://`],
    ["localhost:99999", `${FORMS}: a port is a number from 1 to 65535, not 99999`],
    ["70000", `${FORMS}: a port is a number from 1 to 65535, not 70000`],
    ["0", `${FORMS}: a port is a number from 1 to 65535, not 0`],
    ["http://h:0/", `${FORMS}: a port is a number from 1 to 65535, not 0`],
    ["localhost:port", `${FORMS}, not "localhost:port"`],
    ["http://", `${FORMS}, not "http://"`],
    ["my host", `${FORMS}, not "my host"`],
    ["/instep", `${FORMS}, not "/instep"`],
    ["::1:4747", `${FORMS}, not "::1:4747"`],
    ["--token", `${FORMS}, not "--token"`],
  ])("%j is refused with a sentence that names the form", (given, why) => {
    expect(readServerAddress(given)).toEqual({ ok: false, why });
  });

  test.each([
    "http://admin:hunter2@myhost:4747",
    "admin:hunter2@localhost:4747",
    "https://hunter2@example.com",
    "localhost:4747@evil.example",
    "my host#t=hunter2",
    "htp:/my host?token=hunter2",
    "ftp://admin:hunter2@h",
    "http://admin:hunter2@h:99999",
  ])("%j is refused, and the password is not repeated", (given) => {
    const read = readServerAddress(given);
    expect(read).toMatchObject({ ok: false });
    expect(JSON.stringify(read)).not.toContain("hunter2");
  });

  test("a very long address costs and says no more than a short one", () => {
    const read = readServerAddress(`localhost:4747/${"a".repeat(1_000_000)}`);
    expect(JSON.stringify(read).length).toBeLessThan(300);
  });

  test("characters of an address that steer a terminal are not repeated", () => {
    const read = readServerAddress("my host\u001b[2J\u202eevil");
    expect(JSON.stringify(read)).not.toMatch(/u001b|\u202e/);
  });
});

describe("the command", () => {
  commandTest(
    "the command takes an address as it is typed, in a flag and in INSTEP_URL",
    async ({ instep, serve }) => {
      const { url } = await serve();
      const typed = url.replace("http://", "");
      for (const list of [
        instep(["list", "--server", typed]),
        instep(["list"], { INSTEP_URL: new URL(url).port }),
      ]) {
        expect(await list.exitCode).toBe(0);
        expect(list.stdout()).toBe("No workflows.\n");
      }
      const watch = instep(["watch", `${typed}/w/nobody?step=copy#L5`]);
      expect(await watch.exitCode).toBe(1);
      expect(watch.stderr()).toContain("nobody");
      const wrong = instep(["list"], { INSTEP_URL: "myhost:4747" });
      expect(await wrong.exitCode).toBe(2);
      expect(wrong.stderr()).toBe(
        "instep: INSTEP_URL: must begin with http:// or https:// for another machine: http://myhost:4747 or https://myhost:4747\n",
      );
    },
  );

  commandTest(
    "the command takes the token of a link to sign in, rather than that of another server",
    async ({ instep, serve, folder }) => {
      const token = "0123456789abcdef";
      writeFileSync(path.join(folder, "tokens"), `drive ${token}\n`, { mode: 0o600 });
      const { url } = await serve("--token-file", "tokens");
      const another = { INSTEP_TOKEN: "fedcba9876543210" };
      const list = instep(["list", "--server", `${url}/#t=${token}`], another);
      expect(await list.exitCode).toBe(0);
      const without = instep(["list", "--server", url], another);
      expect(await without.exitCode).toBe(1);
      const flag = instep(["list", "--server", `${url}/#t=${token}`, "--token", "wrong"]);
      expect(await flag.exitCode).toBe(1);
      expect(flag.stderr()).not.toContain(token);
    },
  );
});
