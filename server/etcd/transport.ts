/** Calls to single members: one with one answer, which has a deadline, or one that goes on, on a connection of its own. */
import type { Clock } from "../../shared/clock.js";
import { Connection } from "./connection.js";
import type { Member } from "./members.js";
import { NoAnswer } from "./noAnswer.js";
import { type Call, type Ending, openRpc, type RpcHandlers } from "./rpc.js";

/** A whole answer, or how it ended without one. */
export type Answer = { readonly kind: "answer"; readonly message: Buffer } | Ending;

/** More is not taken into memory. */
const MOST_ANSWER_BYTES = 64 * 1024 * 1024;
/** etcd cuts what is longer than its request limit (1.5 MiB where nobody set another one) into parts. */
const MOST_WATCH_BYTES = 32 * 1024 * 1024;

/** Everything in it has an end: its deadline, or `close`. */
export class Transport {
  readonly #members: readonly Member[];
  readonly #clock: Clock;
  readonly #waiting = new Set<(why: NoAnswer) => void>();
  readonly #streams = new Set<Connection>();

  constructor(members: readonly Member[], clock: Clock) {
    this.#members = members;
    this.#clock = clock;
  }

  /** Resolves, after at most so many milliseconds. */
  ask(member: Member, call: Call, ms: number): Promise<Answer> {
    return new Promise((resolve) => {
      const connection = member.calls.open();
      let answer: Buffer | null = null;
      const finish = (ending: Ending) => {
        cancel();
        this.#waiting.delete(end);
        const isWhole = ending.kind === "status" && ending.code === 0 && answer !== null;
        resolve(isWhole ? { kind: "answer", message: answer! } : ending);
      };
      const options = { where: member.shown, isOneMessage: true, mostBytes: MOST_ANSWER_BYTES };
      const end = openRpc(connection, call, options, {
        message: (message) => {
          answer = message;
        },
        ended: finish,
      });
      const cancel = this.#clock.after(ms, () => {
        const text = `${member.shown} did not answer in ${Math.round(ms)} ms`;
        end(new NoAnswer(text, !connection.isConnected));
        member.calls.suspect(connection);
      });
      this.#waiting.add(end);
    });
  }

  /** A call that goes on until one side ends it. The returned function does; nothing is told then. */
  stream(member: Member, call: Call, handlers: RpcHandlers): () => void {
    const own = new Connection(member.shown, member.tls);
    this.#streams.add(own);
    const drop = () => {
      void own.close().then(() => this.#streams.delete(own));
    };
    const options = { where: member.shown, isOneMessage: false, mostBytes: MOST_WATCH_BYTES };
    const end = openRpc(own.open(), call, options, {
      message: (message) => handlers.message(message),
      ended: (ending) => {
        drop();
        handlers.ended(ending);
      },
    });
    return () => {
      end();
      drop();
    };
  }

  /** Ends what is on its way, and resolves once no connection is left. */
  async close(): Promise<void> {
    for (const end of [...this.#waiting]) end(new NoAnswer("the client is closed", false));
    const connections = [...this.#members.map(({ calls }) => calls), ...this.#streams];
    await Promise.all(connections.map((connection) => connection.close()));
  }
}
