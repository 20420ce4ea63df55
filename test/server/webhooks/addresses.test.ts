/** Which addresses a webhook may lead to, however they are written. */
import { expect, test } from "vitest";
import { addressProblem, kindOf } from "../../../server/webhooks/addresses.js";

test.each([
  ["private", ["127.0.0.1", "127.255.0.9", "10.1.2.3", "172.16.0.1", "172.31.255.255"]],
  ["private", ["192.168.1.1", "100.64.0.1", "100.127.255.255", "::1", "fc00::1", "fd12:3456::1"]],
  ["private", ["::ffff:127.0.0.1", "::ffff:7f00:1", "0:0:0:0:0:ffff:10.0.0.1", "0::1"]],
  ["never", ["0.0.0.0", "0.1.2.3", "169.254.169.254", "169.254.0.1", "224.0.0.1"]],
  ["never", ["255.255.255.255", "240.0.0.1", "100.100.100.200", "198.18.0.1", "192.0.2.1"]],
  ["never", ["::", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "2001:db8::1"]],
  ["never", ["::ffff:169.254.169.254", "::ffff:a9fe:a9fe", "::ffff:0.0.0.0"]],
  ["never", ["64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2001:0:1::", "::7f00:1"]],
  ["never", ["fd00:ec2::254", "168.63.129.16", "", "example.org", "1.2.3", "0177.0.0.1"]],
  ["public", ["8.8.8.8", "172.15.0.1", "172.32.0.1", "100.63.0.1", "2606:4700::1111"]],
  ["public", ["::ffff:8.8.8.8", "128.0.0.1", "11.0.0.1", "2a00:1450:4001::1"]],
])("%s: %j", (kind, addresses) => {
  expect(addresses.map((address) => [address, kindOf(address)])).toEqual(
    addresses.map((address) => [address, kind]),
  );
});

test.each([
  ["http://2130706433/", "127.0.0.1"],
  ["http://0x7f.1/", "127.0.0.1"],
  ["http://0177.0.0.1/", "127.0.0.1"],
  ["http://127.1/", "127.0.0.1"],
  ["http://[::ffff:127.0.0.1]/", "::ffff:7f00:1"],
])("the address in %s is looked at as %s, which is what is connected to", (url, address) => {
  expect(new URL(url).hostname.replace(/^\[|\]$/g, "")).toBe(address);
  expect(kindOf(address)).toBe("private");
});

test.each([
  ["8.8.8.8", true, false, null],
  ["8.8.8.8", false, true, "8.8.8.8 is a public address, which needs https"],
  ["10.0.0.1", true, false, "10.0.0.1 is a private address, and allow_private is not set"],
  ["10.0.0.1", false, true, null],
  ["169.254.169.254", true, true, "169.254.169.254 is an address that no webhook may lead to"],
])(
  "of %s, with https %s and private ones allowed %s, it says %j",
  (address, isSecured, allowPrivate, problem) => {
    expect(addressProblem(address, { isSecured, allowPrivate })).toBe(problem);
  },
);
