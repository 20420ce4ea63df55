/** socket.io 4 over its WebSocket transport alone: Engine.IO 4 around the packets of Socket.IO 5. */
import { begun, changed, isSameRevision, numberOf } from "./deltas.mjs";

const CONNECT = "40";
const EVENT = "42";
const ACK = "43";
const PING = "2";
const PONG = "3";

export const socketio = {
  address: async () => ({ path: "/socket.io/?EIO=4&transport=websocket" }),
  read(mirror, text) {
    if (text === PING) return { reply: PONG };
    if (text.startsWith("0")) return { reply: CONNECT };
    if (text.startsWith(CONNECT)) return undefined;
    if (!text.startsWith(EVENT)) throw new Error(`an unknown packet: ${text.slice(0, 100)}`);
    const [name, value] = JSON.parse(text.slice(2));
    return name === "snapshot" ? begun(value) : changed(mirror, value);
  },
  number: numberOf,
  isSame: isSameRevision,
  driver: ({ send, ready, acceptedOne }) => ({
    receive(text) {
      if (text === PING) send(PONG);
      else if (text.startsWith("0")) send(CONNECT);
      else if (text.startsWith(`${EVENT}["snapshot"`)) ready();
      else if (text.startsWith(ACK)) acceptedOne();
    },
    report: (number, update) => send(`${EVENT}${number}${JSON.stringify(["update", update])}`),
  }),
};
