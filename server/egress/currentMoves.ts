/** Tells changes that may make another workflow the current one of a scope from those that cannot. */
import type { Scope } from "../state/scope.js";
import { isLive } from "../state/store/record.js";
import type { Committed } from "../state/store/store.js";

/** Only a start or an end of one within does: to look at all that are open after each save would cost more than the save. */
export function mayMoveCurrent(scope: Scope, change: Committed): boolean {
  if (scope.isEverything) return true;
  const after = change.kind === "committed" ? change.after : null;
  const { before } = change;
  const isSameEpoch = isLive(before) && isLive(after) && before.epoch === after.epoch;
  return !isSameEpoch && scope.has((after ?? before)?.workflow_id ?? "");
}
