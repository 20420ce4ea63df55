/** The addresses of the proxies that were named as trusted: what others say about where a request came from means nothing. */
import { BlockList, isIP } from "node:net";
import { readProxyAddress } from "./proxyAddress.js";

export class TrustedProxies {
  readonly #ranges = new BlockList();
  readonly #isEmpty: boolean;

  /** Takes entries as `--trust-proxy` does. Throws an Error that names `trustProxy` and the entry that is none. */
  constructor(entries: readonly string[]) {
    this.#isEmpty = entries.length === 0;
    for (const entry of entries) {
      try {
        for (const { address, family, bits } of readProxyAddress(entry))
          this.#ranges.addSubnet(address, bits, family);
      } catch (error) {
        throw new Error(`trustProxy: ${(error as Error).message}`);
      }
    }
  }

  /** Whether none was named, so that nobody's word counts. */
  get isEmpty(): boolean {
    return this.#isEmpty;
  }

  /** Whether this is the address of one of them. Anything that is no address is not. */
  has(address: string | undefined): boolean {
    if (this.#isEmpty || address === undefined) return false;
    const plain = plainAddress(address);
    const version = isIP(plain);
    return version !== 0 && this.#ranges.check(plain, version === 4 ? "ipv4" : "ipv6");
  }
}

/** The same address without the zone of a link, and as IPv4 where it is one in the clothes of IPv6. */
export function plainAddress(address: string): string {
  const [bare = ""] = address.split("%", 1);
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)?.[1] ?? bare;
}
