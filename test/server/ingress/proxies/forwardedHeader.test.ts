/** The header `Forwarded` as a table: what RFC 7239 allows is read, what it does not is refused, and long nonsense is refused soon. */
import { describe, expect, it, test } from "vitest";
import { readForwarded } from "../../../../server/ingress/proxies/forwardedHeader.js";
import { SyncError } from "../../../../shared/errors.js";

describe("the header Forwarded", () => {
  it.each([
    // The examples of RFC 7239, sections 4, 6 and 7.1.
    ['for="_gazonk"', [{ for: "_gazonk" }]],
    ['For="[2001:db8:cafe::17]:4711"', [{ for: "[2001:db8:cafe::17]:4711" }]],
    ["for=192.0.2.60;proto=http;by=203.0.113.43", [{ for: "192.0.2.60", proto: "http" }]],
    ["for=192.0.2.43, for=198.51.100.17", [{ for: "192.0.2.43" }, { for: "198.51.100.17" }]],
    [
      "for=_hidden, for=_SEVKISEK;host=a.example",
      [{ for: "_hidden" }, { for: "_SEVKISEK", host: "a.example" }],
    ],
    ["for=unknown", [{ for: "unknown" }]],
    [
      'for=192.0.2.43,for="[2001:db8:cafe::17]",for=unknown',
      [{ for: "192.0.2.43" }, { for: "[2001:db8:cafe::17]" }, { for: "unknown" }],
    ],
    ['proto=https;host="runs.example:8443"', [{ host: "runs.example:8443", proto: "https" }]],
    ["host=runs.example:8443", [{ host: "runs.example:8443" }]],
    ["HOST=a;PROTO=HTTPS", [{ host: "a", proto: "HTTPS" }]],
    ['host="a\\"b\\\\c"', [{ host: 'a"b\\c' }]],
    ['host="a, for=6.6.6.6; b"', [{ host: "a, for=6.6.6.6; b" }]],
    ['host=""', [{ host: "" }]],
    ["for=a; proto=http ;\thost=b", [{ for: "a", proto: "http", host: "b" }]],
    ["for=a;", [{ for: "a" }]],
    [", ,for=a,,", [{ for: "a" }]],
    ["by=proxy;secret=x", [{}]],
    ["__proto__=x;constructor=y", [{}]],
    ["", []],
  ])("%j is read", (text, hops) => {
    expect(readForwarded(text)).toEqual(hops);
  });

  it.each([
    "for",
    "for=",
    "=a",
    "for =a",
    "for= a",
    "for=a b",
    'for="a',
    'for="a"b',
    'for=a"',
    'for="\\',
    "for=a;for=b",
    "for=a;FOR=b",
    "host=a/b",
    "host=a@b",
    "host=a?b",
    "host=ä.example",
    'host="a\u0000"',
    'host="a\r\nb"',
    "for=(a)",
    "192.0.2.1",
  ])("%j is refused by its name", (text) => {
    try {
      expect(readForwarded(text)).toBe("refused");
    } catch (error) {
      if (!(error instanceof SyncError)) throw error;
      expect([error.code, error.errors[0]?.path]).toEqual(["bad_message", "Forwarded"]);
    }
  });

  test("a header of the largest size is read in one go, whatever stands in it", () => {
    for (const piece of ["for=a,", ",", ";", '"\\', 'for="\\\\', " ", "a", 'for="a"', "=", "a=;"]) {
      const text = piece.repeat(8_192 / piece.length);
      try {
        readForwarded(text);
      } catch (error) {
        expect(error).toBeInstanceOf(SyncError);
      }
    }
  });
});
