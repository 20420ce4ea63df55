/** The workflows that hold output, in the order in which they give it up. */
import { isEnded } from "../../shared/statuses.js";
import type { Owner, Owners } from "./owners.js";
import type { Holder, Holders } from "./room.js";

/** `find` gives the output that a workflow holds; undefined where it printed nothing. */
export function holdersOf(
  { open, history }: Owners["store"],
  find: (owner: Owner) => Holder | undefined,
): Holders {
  const found = (owners: readonly Owner[]) => owners.flatMap((owner) => find(owner) ?? []);
  const here = [...open.values()];
  return {
    history: found([...history.values()].sort(byEnd)),
    ended: found(here.filter(hasEnded).sort(byEnd)),
    running: found(here.filter((record) => !hasEnded(record))),
  };
}

const hasEnded = ({ state }: Owner): boolean => state !== null && isEnded(state.status);

const byEnd = (one: Owner, other: Owner): number => (one.clear_at ?? 0) - (other.clear_at ?? 0);
