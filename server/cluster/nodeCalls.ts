/** The calls of other nodes on their way in: whether the seal, the time and the addressee of one are right, and whether it came before. */
import type { Clock } from "../../shared/clock.js";
import { readNodeHeader, type SealedCall } from "./nodeHeader.js";

/** How far apart the clocks of two nodes may be, and how old a call. */
const MOST_APART_MS = 5 * 60_000;
/** Nodes call each other some hundred times a second at most; beyond it all are refused until the oldest is too old to come again. */
const MOST_NONCES = 200_000;

export interface NodeCallsParts {
  readonly me: string;
  readonly secret: Buffer;
  readonly clock: Pick<Clock, "now">;
}

/** Why a call is not let in. */
export type RefusedCall = "wrong_seal" | "wrong_node" | "wrong_time" | "repeated" | "too_many";

interface Refused {
  readonly refused: RefusedCall;
  /** Where the seal says so. */
  readonly from?: string;
}

export class NodeCalls {
  readonly #parts: NodeCallsParts;
  /** Each with the wall time of its call, in the order in which they came. */
  readonly #nonces = new Map<string, number>();
  readonly #apart = new Map<string, number>();

  constructor(parts: NodeCallsParts) {
    this.#parts = parts;
  }

  /** The nodes whose last call was refused for its time, by how many ms their clocks are before ours (less than 0: behind). */
  get clocksApart(): ReadonlyMap<string, number> {
    return this.#apart;
  }

  /** The name of the node that calls, once for each call; else why it is none. */
  admit(
    header: string,
    call: Pick<SealedCall, "method" | "path">,
  ): { readonly from: string } | Refused {
    const { me, secret, clock } = this.#parts;
    const sealed = readNodeHeader(secret, header, call);
    if (sealed === null) return { refused: "wrong_seal" };
    if (sealed.to !== me) return { refused: "wrong_node" };
    const now = clock.now();
    if (Math.abs(now - sealed.at) > MOST_APART_MS) {
      this.#apart.set(sealed.from, sealed.at - now);
      return { refused: "wrong_time", from: sealed.from };
    }
    this.#forgetBefore(now - MOST_APART_MS);
    if (this.#nonces.has(sealed.nonce)) return { refused: "repeated" };
    if (this.#nonces.size >= MOST_NONCES) return { refused: "too_many" };
    this.#nonces.set(sealed.nonce, sealed.at);
    this.#apart.delete(sealed.from);
    return { from: sealed.from };
  }

  /** One that is too old cannot come again. Clocks differ, so the order is nearly that of their times: a young one in front keeps some old ones longer. */
  #forgetBefore(time: number): void {
    for (const [nonce, at] of this.#nonces) {
      if (at >= time) return;
      this.#nonces.delete(nonce);
    }
  }
}
