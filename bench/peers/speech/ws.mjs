/** Bare ws, as its server in this bench speaks. */
import { begun, changed, isSameRevision, numberOf } from "./deltas.mjs";

export const ws = {
  address: async () => ({ path: "/" }),
  read(mirror, text) {
    const frame = JSON.parse(text);
    if (frame.type === "snapshot") return begun(frame);
    if (frame.type === "changed") return changed(mirror, frame);
    throw new Error(`an unknown frame: ${text.slice(0, 100)}`);
  },
  number: numberOf,
  isSame: isSameRevision,
  driver: ({ send, ready, acceptedOne }) => ({
    receive(text) {
      if (text.startsWith('{"type":"snapshot"')) ready();
      if (text.startsWith('{"type":"accepted"')) acceptedOne();
    },
    report: (number, { index, update }) =>
      send(JSON.stringify({ request_id: `r${number}`, index, update })),
  }),
};
