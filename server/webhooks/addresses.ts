/** Tells where a webhook may be sent to. Asked of the address that a connection is really made to, after the name was looked up. Pure. */
import { BlockList, isIPv4, isIPv6 } from "node:net";

/** `never`: nothing that receives webhooks is there, whatever is allowed. */
export type AddressKind = "public" | "private" | "never";

/** Those of this machine and of private networks. */
const PRIVATE = listOf([
  ...["127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"],
  ...["::1/128", "fc00::/7"],
]);

/** Link-local ones have the metadata of clouds among them, as 169.254.169.254; the others are no host's, or lead to one in disguise (NAT64, 6to4, Teredo). */
const NEVER = listOf([
  ...["0.0.0.0/8", "169.254.0.0/16", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24"],
  ...["198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"],
  ...["100.100.100.200/32", "168.63.129.16/32"],
  ...["::/128", "fe80::/10", "fec0::/10", "ff00::/8", "2001::/32", "2002::/16", "2001:db8::/32"],
  ...["64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "::/96", "fd00:ec2::254/128"],
]);

/** Of an address as a resolver gives it, without brackets. */
export function kindOf(address: string): AddressKind {
  const [bare = ""] = address.split("%");
  const plain = fourIn(bare) ?? bare;
  const family = isIPv4(plain) ? "ipv4" : isIPv6(plain) ? "ipv6" : null;
  if (family === null) return "never";
  // ::1 lies in ::/96, the old IPv4-compatible addresses.
  if (family === "ipv6" && PRIVATE.check(plain, family) && !NEVER_IN_PRIVATE.check(plain, family))
    return "private";
  if (NEVER.check(plain, family)) return "never";
  return PRIVATE.check(plain, family) ? "private" : "public";
}

const NEVER_IN_PRIVATE = listOf(["fd00:ec2::254/128"]);

/** The IPv4 address in an IPv4-mapped one, however that is written; null for others. */
function fourIn(address: string): string | null {
  if (!isIPv6(address)) return null;
  // The one way in which a URL writes an address.
  const written = new URL(`http://[${address}]`).hostname;
  const [, high, low] = /^\[::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})\]$/.exec(written) ?? [];
  if (high === undefined || low === undefined) return null;
  const words = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return words.flatMap((word) => [word >> 8, word & 255]).join(".");
}

function listOf(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = "", bits = ""] = range.split("/");
    list.addSubnet(address, Number(bits), isIPv4(address) ? "ipv4" : "ipv6");
  }
  return list;
}

/** The reason why nothing is sent to this address by this protocol; null where it may be. */
export function addressProblem(
  address: string,
  { isSecured, allowPrivate }: { readonly isSecured: boolean; readonly allowPrivate: boolean },
): string | null {
  switch (kindOf(address)) {
    case "never":
      return `${address} is an address that no webhook may lead to`;
    case "private":
      return allowPrivate ? null : `${address} is a private address, and allow_private is not set`;
    case "public":
      return isSecured ? null : `${address} is a public address, which needs https`;
  }
}
