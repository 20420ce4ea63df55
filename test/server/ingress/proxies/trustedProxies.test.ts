/** Which peers are trusted proxies, and which entries name some. */
import { describe, expect, it } from "vitest";
import { readProxyAddress } from "../../../../server/ingress/proxies/proxyAddress.js";
import { TrustedProxies } from "../../../../server/ingress/proxies/trustedProxies.js";

describe("a trusted proxy", () => {
  const trusted = new TrustedProxies(["loopback", "10.1.0.0/16", "192.0.2.7", "fd00::/8"]);

  it.each([
    "127.0.0.1",
    "127.9.9.9",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
    "10.1.2.3",
    "::ffff:10.1.2.3",
    "192.0.2.7",
    "fd12::1",
    "fd12::1%eth0",
  ])("a peer at %s is one", (address) => {
    expect(trusted.has(address)).toBe(true);
  });

  it.each([
    "10.2.0.1",
    "192.0.2.8",
    "::ffff:10.2.0.1",
    "fe80::1",
    "::2",
    "128.0.0.1",
    "",
    "loopback",
    "10.1.2.3.evil.example",
    "010.1.2.3",
    undefined,
  ])("a peer at %s is none", (address) => {
    expect(trusted.has(address)).toBe(false);
  });

  it("nobody is one where none was named", () => {
    const nobody = new TrustedProxies([]);
    expect([nobody.isEmpty, nobody.has("127.0.0.1")]).toEqual([true, false]);
  });
});

describe("an entry of --trust-proxy", () => {
  it.each(["loopback", "Loopback", "10.0.0.1", "10.0.0.0/8", "::1", "fd00::/8", "10.0.0.9/1"])(
    "the entry %s is one",
    (text) => {
      expect(readProxyAddress(text).length).toBeGreaterThan(0);
    },
  );

  it.each([
    "",
    "localhost",
    "proxy.lan",
    "10.0.0",
    "10.0.0.256",
    "010.0.0.1",
    "10.0.0.0/",
    "10.0.0.0/33",
    "10.0.0.0/-1",
    "10.0.0.0/8/8",
    "10.0.0.0/8.5",
    "10.0.0.1:80",
    "[::1]",
    "fe80::1%eth0",
    "fd00::/129",
    "*",
  ])("%j is refused with what one looks like", (text) => {
    expect(() => readProxyAddress(text)).toThrow("must be `loopback`, an address, or a range");
  });

  it.each(["0.0.0.0/0", "::/0"])("%s is refused, as it would trust everybody", (text) => {
    expect(() => readProxyAddress(text)).toThrow("would trust everybody");
    expect(() => new TrustedProxies([text])).toThrow(/^trustProxy: must be/);
  });
});
