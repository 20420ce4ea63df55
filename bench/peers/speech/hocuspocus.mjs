/** hocuspocus: Yjs updates in envelopes of lib0. One document is the mirror of all watchers, who are sent the same bytes. */
import { createDecoder, readVarString, readVarUint, readVarUint8Array } from "lib0/decoding";
import {
  createEncoder,
  toUint8Array,
  writeVarString,
  writeVarUint,
  writeVarUint8Array,
} from "lib0/encoding";
import * as Y from "yjs";
import { checkedNumber, newestIn } from "../scene.mjs";

const NAME = "bench";
const SYNC = 0;
const AUTH = 2;
const SYNC_REPLY = 4;
const SYNC_STATUS = 8;
const STEP_2 = 1;
const UPDATE = 2;

const message = (...numbers) => {
  const encoder = createEncoder();
  writeVarString(encoder, NAME);
  for (const number of numbers) writeVarUint(encoder, number);
  return encoder;
};

const auth = message(AUTH, 0);
writeVarString(auth, "nobody");
const ask = message(SYNC, 0);
writeVarUint8Array(ask, Y.encodeStateVector(new Y.Doc()));
const GREETING = [Buffer.from(toUint8Array(auth)), Buffer.from(toUint8Array(ask))];

/** The update of the document in a message, if there is one. */
function updateIn(bytes) {
  const decoder = createDecoder(bytes);
  readVarString(decoder);
  const type = readVarUint(decoder);
  if (type === SYNC_STATUS) return { accepted: readVarUint(decoder) === 1 };
  if (type !== SYNC && type !== SYNC_REPLY) return {};
  const step = readVarUint(decoder);
  return step === STEP_2 || step === UPDATE
    ? { update: readVarUint8Array(decoder), isWhole: step === STEP_2 }
    : {};
}

const stepsOf = (document) => document.getArray("steps").toJSON();

export const hocuspocus = {
  address: async () => ({ path: "/" }),
  greeting: GREETING,
  read(mirror, bytes) {
    const { update } = updateIn(bytes);
    if (!update) return undefined;
    const document = mirror?.document ?? new Y.Doc();
    if (mirror && newestIn(stepsOf(document)) !== mirror.number)
      throw new Error("watchers were sent different updates");
    Y.applyUpdate(document, update);
    const steps = stepsOf(document);
    return { mirror: { document, steps, number: newestIn(steps) } };
  },
  number: (mirror) => checkedNumber(mirror.steps),
  isSame: () => true,
  driver({ send, ready, acceptedOne, failed }) {
    const document = new Y.Doc();
    document.on("update", (update, origin) => {
      if (origin === "server") return;
      const encoder = message(SYNC, UPDATE);
      writeVarUint8Array(encoder, update);
      send(Buffer.from(toUint8Array(encoder)));
    });
    return {
      begin: () => {
        for (const first of GREETING) send(first);
      },
      receive(bytes) {
        const { update, isWhole, accepted } = updateIn(bytes);
        if (accepted === true) acceptedOne();
        if (accepted === false) failed("an update was refused");
        if (!isWhole) return; // Its own updates come back, and it has them.
        Y.applyUpdate(document, update, "server");
        ready();
      },
      report: (_number, { index, update }) => {
        document.transact(() => {
          const step = document.getArray("steps").get(index);
          for (const [key, value] of Object.entries(update)) step.set(key, value);
        });
      },
    };
  },
};
