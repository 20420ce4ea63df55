/** HTTP to the members: one POST with one answer, or with an answer that goes on line by line. Knows nothing of what they say. */
import { once } from "node:events";
import { type Agent, type ClientRequest, type IncomingMessage, request } from "node:http";
import { request as secureRequest } from "node:https";
import type { Socket } from "node:net";
import type { Clock } from "../../shared/clock.js";
import type { Member } from "./members.js";
import { NoAnswer, noAnswerOf } from "./noAnswer.js";

/** A call of etcd's API: its path, the body as JSON, and the token of a session where there is one. */
export interface Call {
  readonly path: string;
  readonly body: string;
  readonly token: string | null;
}

/** A member's whole answer. */
export interface Answer {
  readonly status: number;
  readonly text: string;
}

/** The course of a stream: `data`, then `ended` exactly once. */
export interface StreamHandlers {
  data(status: number, piece: Buffer): void;
  ended(why: NoAnswer): void;
}

/** More is not taken into memory. */
const MOST_ANSWER_BYTES = 96 * 1024 * 1024;
/** From then on the system asks a silent peer whether it is still there. */
const ALIVE_AFTER_MS = 5_000;

/** Every request in it has an end: its deadline, or `close`. */
export class Transport {
  readonly #members: readonly Member[];
  readonly #clock: Clock;
  readonly #open = new Set<ClientRequest>();
  #isClosed = false;

  constructor(members: readonly Member[], clock: Clock) {
    this.#members = members;
    this.#clock = clock;
  }

  /** Rejects with NoAnswer where the member has not answered after so many milliseconds. */
  post(member: Member, call: Call, ms: number): Promise<Answer> {
    return new Promise((resolve, reject) => {
      let isSent = false;
      const asked = this.#send(member, member.agent, call, () => {
        isSent = true;
      });
      const late = () => new NoAnswer(`${member.shown} did not answer in ${ms} ms`, !isSent);
      const cancel = this.#clock.after(ms, () => asked.destroy(late()));
      const fail = (error: Error) => {
        cancel();
        reject(noAnswerOf(member.shown, error, isSent));
      };
      asked.once("error", fail);
      asked.once("response", (answer) => {
        answer.once("error", fail);
        wholeOf(answer, (text) => {
          cancel();
          resolve({ status: answer.statusCode ?? 0, text });
        });
      });
    });
  }

  /** An answer without an end, on a connection of its own. The returned function ends it; then nothing more is told. */
  stream(member: Member, call: Call, handlers: StreamHandlers): () => void {
    const asked = this.#send(member, member.watchAgent, call, () => {});
    let isOver = false;
    const end = (error: Error) => {
      if (isOver) return;
      isOver = true;
      asked.destroy();
      handlers.ended(noAnswerOf(member.shown, error, true));
    };
    asked.once("socket", (socket) => void socket.setKeepAlive(true, ALIVE_AFTER_MS));
    asked.on("error", end);
    asked.once("response", (answer) => {
      answer.on("data", (piece: Buffer) => {
        if (!isOver) handlers.data(answer.statusCode ?? 0, piece);
      });
      answer.on("error", end);
      answer.once("close", () => end(new Error("the stream has ended")));
    });
    return () => {
      isOver = true;
      asked.destroy();
    };
  }

  /** Ends what is on its way, and resolves once no connection is left. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const agents = this.#members.flatMap(({ agent, watchAgent }) => [agent, watchAgent]);
    const sockets = agents.flatMap(socketsOf).filter((socket) => !socket.closed);
    const closed = Promise.all(sockets.map((socket) => once(socket, "close").catch(() => {})));
    for (const asked of this.#open) asked.destroy(new Error("closed"));
    for (const agent of agents) agent.destroy();
    for (const socket of sockets) socket.destroy();
    await closed;
  }

  #send(member: Member, agent: Agent, { path, body, token }: Call, sent: () => void) {
    const bytes = Buffer.from(body);
    const asked = (member.isSecure ? secureRequest : request)({
      ...member.address,
      agent,
      method: "POST",
      path,
      headers: {
        "Content-Type": "application/json",
        "Content-Length": bytes.length,
        // A member without a leader says so at once, also in the middle of a watch, in place of being silent.
        "Grpc-Metadata-hasleader": "true",
        ...(token === null ? {} : { Authorization: token }),
      },
    });
    this.#open.add(asked);
    asked.once("close", () => this.#open.delete(asked));
    asked.once("socket", (socket) => {
      // Until it is connected, what was written waits here.
      if (!socket.connecting) sent();
      else socket.once(member.isSecure ? "secureConnect" : "connect", sent);
    });
    asked.end(bytes);
    if (this.#isClosed) asked.destroy(new Error("closed"));
    return asked;
  }
}

function wholeOf(answer: IncomingMessage, whole: (text: string) => void): void {
  const pieces: Buffer[] = [];
  let length = 0;
  answer.on("data", (piece: Buffer) => {
    pieces.push(piece);
    length += piece.length;
    if (length <= MOST_ANSWER_BYTES) return;
    answer.destroy(new NoAnswer(`an answer of more than ${length} bytes`, false, "oversized"));
  });
  answer.once("end", () => whole(Buffer.concat(pieces).toString()));
}

const socketsOf = (agent: Agent): Socket[] =>
  [agent.sockets, agent.freeSockets].flatMap((named) =>
    Object.values(named).flatMap((sockets) => sockets ?? []),
  );
