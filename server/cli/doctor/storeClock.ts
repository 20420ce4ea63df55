/** Asks each member of a cluster's etcd what time it is there, for `instep doctor`. Etcd tells no client its time, but its HTTP server dates each answer. */
import { printable } from "../../../shared/text/printable.js";
import type { ClusterOptions } from "../../cluster/clusterOptions.js";
import { readStoreAddress } from "../../cluster/storeAddress.js";
import { type Finding, warning, wrong } from "./finding.js";
import { judgeClock } from "./machine.js";
import type { Network } from "./network.js";

const CHECK = "store clock";
const TODO = "Let it run, or name the members that do with --store.";

/** One finding for each member, in their order: a member that does not answer is wrong only where none does. `store` can be used. */
export async function storeClocks(
  network: Network,
  { store, tls }: { readonly store: string } & Pick<ClusterOptions, "tls">,
): Promise<Finding[]> {
  const { endpoints } = readStoreAddress(store);
  const heard = await Promise.all(
    // It is told to everybody, also where etcd asks for a user.
    endpoints.map((endpoint) => network.get(new URL("/version", endpoint), {}, undefined, tls)),
  );
  const judgeSilence = heard.every((one) => "why" in one) ? wrong : warning;
  return heard.map((one, member) => {
    const place = `etcd at ${endpoints[member]}`;
    if (!("why" in one)) return judgeClock(one.headers.date, one, place, CHECK);
    return judgeSilence(CHECK, `${place} does not answer: ${printable(one.why, 400)}.`, TODO);
  });
}
