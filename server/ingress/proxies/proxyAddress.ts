/** An entry of `--trust-proxy` is read here: `loopback`, an address, or a range of addresses. Pure. */
import { isIP } from "node:net";

/** The addresses that share their first `bits` with `address`. */
export interface AddressRange {
  readonly address: string;
  readonly family: "ipv4" | "ipv6";
  readonly bits: number;
}

const LOOPBACK: readonly AddressRange[] = [
  { address: "127.0.0.0", family: "ipv4", bits: 8 },
  { address: "::1", family: "ipv6", bits: 128 },
];

/** Throws an Error that says, as a predicate, what is wrong with the text. */
export function readProxyAddress(text: string): readonly AddressRange[] {
  if (text.toLowerCase() === "loopback") return LOOPBACK;
  const [address = "", length, ...more] = text.split("/");
  const version = address.includes("%") ? 0 : isIP(address);
  if (version === 0 || more.length > 0) throw new Error(`${FORMS}, not ${JSON.stringify(text)}`);
  const all = version === 4 ? 32 : 128;
  const bits = length === undefined ? all : /^\d{1,3}$/.test(length) ? Number(length) : Number.NaN;
  if (!(bits >= 1 && bits <= all)) {
    const why = bits === 0 ? "would trust everybody" : `has no length from 1 to ${all}`;
    throw new Error(`${FORMS}: ${JSON.stringify(text)} ${why}`);
  }
  return [{ address, family: version === 4 ? "ipv4" : "ipv6", bits }];
}

const FORMS = "must be `loopback`, an address, or a range such as 10.0.0.0/8 or fd00::/8";
