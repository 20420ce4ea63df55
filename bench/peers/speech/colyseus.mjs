/** colyseus 0.16: a seat by HTTP, then state and patches of its schema. One decoder is the mirror of all watchers, who are sent the same bytes. */
import { Agent, request } from "node:http";
import { Packr } from "@colyseus/msgpackr";
import { Decoder, encode } from "@colyseus/schema";
import { checkedNumber, newestIn } from "../scene.mjs";
import { Workflow } from "./colyseusSchema.mjs";

const JOIN_ROOM = 10;
const ERROR = 11;
const ROOM_DATA = 13;
const ROOM_STATE = 14;
const ROOM_STATE_PATCH = 15;

const agent = new Agent({ keepAlive: true, maxSockets: 32 });
const packr = new Packr({ useRecords: false });

export const colyseus = {
  /** A seat for one client. */
  async address(port) {
    const { room, sessionId } = await post(port, "/matchmake/joinOrCreate/bench");
    return { path: `/${room.processId}/${room.roomId}?sessionId=${sessionId}` };
  },
  read(mirror, bytes) {
    switch (bytes[0]) {
      case JOIN_ROOM:
        return { reply: Buffer.from([JOIN_ROOM]) };
      case ROOM_STATE: {
        const decoder = new Decoder(new Workflow());
        return decoded(decoder, bytes);
      }
      case ROOM_STATE_PATCH: {
        const { decoder, number } = mirror;
        if (newestIn(decoder.state.steps) !== number)
          throw new Error("watchers were sent different patches");
        return decoded(decoder, bytes);
      }
      default:
        throw new Error(`an unexpected message: ${bytes[0]} ${bytes.toString("latin1", 1, 100)}`);
    }
  },
  number: (mirror) => checkedNumber(mirror.steps),
  isSame: () => true,
  /** It needs no answers: it sees its updates in the state, as the others do. */
  driver({ send, ready, acceptedUpTo, failed }) {
    let decoder;
    const begin = encodedMessage("update");
    return {
      receive(bytes) {
        if (bytes[0] === JOIN_ROOM) send(Buffer.from([JOIN_ROOM]));
        if (bytes[0] === ERROR) failed(bytes.toString("latin1", 1));
        if (bytes[0] === ROOM_STATE) decoder = new Decoder(new Workflow());
        if (bytes[0] !== ROOM_STATE && bytes[0] !== ROOM_STATE_PATCH) return;
        decoder.decode(bytes, { offset: 1 });
        if (bytes[0] === ROOM_STATE) ready();
        else acceptedUpTo(newestIn(decoder.state.steps));
      },
      report: (_number, update) => send(Buffer.concat([begin, packr.pack(update)])),
    };
  },
};

function decoded(decoder, bytes) {
  decoder.decode(bytes, { offset: 1 });
  const steps = decoder.state.steps.map(({ status, progress, message }) => ({
    status,
    progress,
    message,
  }));
  return { mirror: { decoder, steps, number: newestIn(steps) } };
}

function encodedMessage(type) {
  const buffer = Buffer.alloc(64);
  const at = { offset: 1 };
  buffer[0] = ROOM_DATA;
  encode.string(buffer, type, at);
  return Buffer.from(buffer.subarray(0, at.offset));
}

function post(port, path) {
  return new Promise((resolve, reject) => {
    const headers = { "Content-Type": "application/json", "Content-Length": 2 };
    const call = request({ port, host: "127.0.0.1", path, method: "POST", agent, headers });
    call.on("error", reject).on("response", async (response) => {
      let text = "";
      for await (const piece of response.setEncoding("utf8")) text += piece;
      const answer = JSON.parse(text);
      if (answer.room) resolve(answer);
      else reject(new Error(`no seat: ${text.slice(0, 200)}`));
    });
    call.end("{}");
  });
}
