/** What counts of `X-Forwarded-*`, as tables: from whom, and in which form. */
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { describe, expect, it } from "vitest";
import { Forwarded } from "../../../../server/ingress/proxies/forwarded.js";
import { SyncError } from "../../../../shared/errors.js";

const forwarded = new Forwarded(["loopback", "10.0.0.0/8", "fd00::/8"]);
const request = (headers: IncomingHttpHeaders, remoteAddress = "127.0.0.1"): IncomingMessage =>
  ({ headers, socket: { remoteAddress } }) as unknown as IncomingMessage;

/** What is told by these headers, or which field is refused. */
function told(headers: IncomingHttpHeaders, peer?: string) {
  try {
    return forwarded.toldOf(request(headers, peer));
  } catch (error) {
    return error instanceof SyncError ? `${error.code} ${error.errors[0]?.path}` : error;
  }
}

describe("what a proxy tells", () => {
  const all = {
    "x-forwarded-host": "Runs.Example.com:8443",
    "x-forwarded-proto": "https",
    "x-forwarded-prefix": "/instep/",
    "x-forwarded-for": "203.0.113.9",
  };

  it("what a proxy tells counts where it is trusted", () => {
    const heard = { host: "runs.example.com:8443", scheme: "https", prefix: "/instep" };
    expect(told(all)).toEqual(heard);
    expect(told(all, "::ffff:10.1.2.3")).toEqual(heard);
    expect(told({})).toEqual({ host: null, scheme: null, prefix: "" });
  });

  it("what anybody else tells is not even read", () => {
    const hostile = { ...all, "x-forwarded-prefix": "//evil.example, javascript:" };
    expect(told(all, "203.0.113.9")).toBeNull();
    expect(told(hostile, "203.0.113.9")).toBeNull();
    expect(forwarded.addressOf(request(hostile, "203.0.113.80"))).toBe("203.0.113.80");
    expect(new Forwarded().toldOf(request(hostile))).toBeNull();
    expect(new Forwarded().addressOf(request(all))).toBe("127.0.0.1");
  });

  it.each([
    ["", ""],
    ["/", ""],
    ["/a", "/a"],
    ["/a/b.c/d-e_f~g/", "/a/b.c/d-e_f~g"],
    ["/...", "/..."],
    [`/${"a".repeat(199)}`, `/${"a".repeat(199)}`],
  ])("%j is a prefix", (text, prefix) => {
    expect(told({ "x-forwarded-prefix": text })).toMatchObject({ prefix });
  });

  it.each([
    "instep",
    "//evil.example",
    "/a//b",
    "/a//",
    "/../a",
    "/a/..",
    "/a/./b",
    "/.",
    "/%2e%2e/a",
    "/a%2fb",
    "/a\\b",
    "/\\evil.example",
    "https://evil.example/",
    "javascript:alert(1)",
    "/a\r\nSet-Cookie: b",
    "/a b",
    '/a"><script>',
    "/a?b",
    "/a#b",
    "/ü",
    "/a, /b",
    "/a,/a",
    `/${"a".repeat(200)}`,
  ])("%j as a prefix is refused, by its name", (text) => {
    expect(told({ "x-forwarded-prefix": text })).toBe("bad_message X-Forwarded-Prefix");
  });

  it.each([
    ["x-forwarded-host", "X-Forwarded-Host", ["a.example, b.example", "a b", "a/b", "ä.example"]],
    ["x-forwarded-host", "X-Forwarded-Host", ["a@b", "a\r\nb", "a".repeat(256), "a, a"]],
    ["x-forwarded-proto", "X-Forwarded-Proto", ["https, http", "ftp", "javascript:", "https:"]],
  ] as const)("%s that cannot be used is refused as %s: %j", (header, name, texts) => {
    for (const text of texts) expect(told({ [header]: text })).toBe(`bad_message ${name}`);
  });

  it.each([
    ["http", "http"],
    ["HTTPS", "https"],
    ["ws", "http"],
    ["wss", "https"],
  ])("%s is the scheme of %s", (text, scheme) => {
    expect(told({ "x-forwarded-proto": text })).toMatchObject({ scheme });
  });
});

describe("the address of a client", () => {
  it.each([
    ["203.0.113.9", "203.0.113.9"],
    ["6.6.6.6, 203.0.113.9", "203.0.113.9"],
    ["6.6.6.6, 203.0.113.9, 10.0.0.2", "203.0.113.9"],
    ["10.0.0.3, 203.0.113.9, 10.0.0.2, fd00::2", "203.0.113.9"],
    ["127.0.0.1, 203.0.113.9", "203.0.113.9"],
    ["203.0.113.9:5123", "203.0.113.9"],
    ["[2001:db8::9]:443", "2001:db8::9"],
    ["2001:db8::9", "2001:db8::9"],
    ["::ffff:203.0.113.9", "203.0.113.9"],
    ["10.0.0.3, 10.0.0.2", "10.0.0.3"],
    ["", "127.0.0.1"],
    ["unknown", "127.0.0.1"],
    ["203.0.113.9, unknown", "127.0.0.1"],
    ["203.0.113.9, _hidden, 10.0.0.2", "10.0.0.2"],
    ["203.0.113.9, 10.0.0.2,", "127.0.0.1"],
  ])("through trusted proxies, %j comes from %s", (names, address) => {
    const asked = request({ "x-forwarded-for": names });
    expect(forwarded.addressOf(asked)).toBe(address);
  });

  it("the address is the last one looked at where there are more proxies than anybody has", () => {
    const many = Array(5_000).fill("10.0.0.2").join(",");
    expect(forwarded.addressOf(request({ "x-forwarded-for": `6.6.6.6,${many}` }))).toBe("10.0.0.2");
  });
});
