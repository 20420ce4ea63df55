/** The ports that this server holds at the IPv6 loopback: a page from any other port there belongs to another program. */

export class OwnPorts {
  readonly #atIpv6 = new Set<number>();

  add({ port, addresses }: { readonly port: number; readonly addresses: readonly string[] }): void {
    if (addresses.some((address) => address === "::1" || address === "::")) this.#atIpv6.add(port);
  }

  hasIpv6(port: number): boolean {
    return this.#atIpv6.has(port);
  }
}
