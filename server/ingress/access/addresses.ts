/** Groups addresses into peers, for everything that is counted by peer. */

/** One key a peer: an IPv4 address, or the /64 that one IPv6 subscriber has all of. */
export function peerOf(address: string | undefined): string {
  if (address === undefined) return "unknown";
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped?.[1]) return mapped[1];
  if (!address.includes(":") || address === "::1") return address;
  const [head = "", tail] = (address.split("%", 1)[0] ?? "").split("::");
  const before = groupsIn(head);
  const after = groupsIn(tail ?? "");
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  const groups = [...before, ...Array<string>(zeros).fill("0"), ...after];
  return `${groups.slice(0, 4).join(":")}::/64`;
}

const groupsIn = (text: string): string[] => (text === "" ? [] : text.toLowerCase().split(":"));
