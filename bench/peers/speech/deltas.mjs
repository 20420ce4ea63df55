/** What bare ws and socket.io say: a snapshot, then a delta for each update, counted. */
import { checkedNumber } from "../scene.mjs";

export function begun({ revision, state }) {
  return { mirror: { revision, steps: state.steps } };
}

export function changed(mirror, { revision, index, update }) {
  if (revision !== mirror.revision + 1)
    throw new Error(`change ${revision} came after ${mirror.revision}`);
  const steps = mirror.steps.with(index, { ...mirror.steps[index], ...update });
  return { mirror: { revision, steps } };
}

export const numberOf = (mirror) => checkedNumber(mirror.steps);
export const isSameRevision = (one, other) => one.revision === other.revision;
