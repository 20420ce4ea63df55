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

describe("the header Forwarded of RFC 7239", () => {
  it.each([
    ["for=203.0.113.9;host=runs.example;proto=https", "203.0.113.9", "runs.example", "https"],
    ['for="[2001:db8::9]:443";host="Runs.Example:8443"', "2001:db8::9", "runs.example:8443", null],
    // What the client wrote stands in front of what the proxies say, and counts for nothing.
    [
      "for=6.6.6.6;host=evil.example;proto=http, for=203.0.113.9;proto=https",
      "203.0.113.9",
      null,
      "https",
    ],
    [
      "for=203.0.113.9;host=runs.example, for=10.0.0.2;host=inner",
      "203.0.113.9",
      "runs.example",
      null,
    ],
    [
      'for=6.6.6.6;host=evil.example, for=203.0.113.9, for="10.0.0.2:81";host=inner',
      "203.0.113.9",
      "inner",
      null,
    ],
    ["for=203.0.113.9;host=evil.example, for=_hidden", "127.0.0.1", null, null],
    ["for=203.0.113.9;host=evil.example, for=unknown;proto=https", "127.0.0.1", null, "https"],
    ['for="203.0.113.9:_port"', "203.0.113.9", null, null],
    ["for=10.0.0.2, for=10.0.0.3", "10.0.0.2", null, null],
    ["by=10.0.0.3", "127.0.0.1", null, null],
    ["", "127.0.0.1", null, null],
  ])("%s tells the client, its host and its scheme", (text, address, host, scheme) => {
    const headers = { forwarded: text };
    expect(told(headers)).toEqual({ host, scheme, prefix: "" });
    expect(forwarded.addressOf(request(headers))).toBe(address);
    expect(told(headers, "203.0.113.80")).toBeNull();
    expect(forwarded.addressOf(request(headers, "203.0.113.80"))).toBe("203.0.113.80");
  });

  it.each(["x-forwarded-host", "x-forwarded-proto", "x-forwarded-for"])(
    "%s wins over it: the proxy that writes one passes on the other as its client sent it",
    (name) => {
      const headers = { forwarded: "for=6.6.6.6;host=evil.example;proto=http", [name]: "" };
      expect(told(headers)).toEqual({ host: null, scheme: null, prefix: "" });
      expect(forwarded.addressOf(request(headers))).toBe("127.0.0.1");
    },
  );

  it("a prefix is told beside it", () => {
    const headers = { forwarded: "host=runs.example", "x-forwarded-prefix": "/@team/c++" };
    expect(told(headers)).toEqual({ host: "runs.example", scheme: null, prefix: "/@team/c++" });
  });

  it.each([
    "host=a b",
    "host=a;host=b",
    'host="a@b"',
    'host="a/b"',
    "proto=ftp",
    "proto=javascript:",
    "nonsense",
  ])("%s is refused by its name, and gives nobody another address", (text) => {
    expect(told({ forwarded: text })).toBe("bad_message Forwarded");
    expect(forwarded.addressOf(request({ forwarded: text }))).toBe("127.0.0.1");
  });
});
