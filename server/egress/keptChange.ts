/** A change of a document, which becomes a frame when somebody is there to get it: once for each audience, or never. */
import type { ServerMessage } from "../../shared/wire/serverMessages.js";
import { AUDIENCES, type Audience, encodeFrame, type Frame } from "./frames.js";

/** The frame of a change, before it becomes bytes. */
export type Change = Extract<ServerMessage, { type: "changed" }>;

/** A change as a document's channel is told of it. */
export interface DocumentChange {
  readonly base: number;
  readonly revision: number;
  /** Whether everybody gets the same frame. */
  readonly isSameForAll: boolean;
  /** Null where the whole document is no longer than telling what changed. */
  readonly message: (audience: Audience) => Change | null;
  /** Bytes that keeping it holds as long as there is no frame of it. */
  readonly heldBytes: () => number;
}

export class KeptChange {
  readonly base: number;
  readonly revision: number;
  /** Null once nothing is left to be made from it. */
  #change: DocumentChange | null;
  #heldBytes: number | null = null;
  readonly #frames = new Map<Audience, Frame | null>();

  constructor(change: DocumentChange) {
    this.base = change.base;
    this.revision = change.revision;
    this.#change = change;
  }

  /** The bytes that keeping it costs now. */
  get bytes(): number {
    let bytes = 0;
    for (const frame of new Set(this.#frames.values())) bytes += frame?.length ?? 0;
    if (this.#change) this.#heldBytes ??= this.#change.heldBytes();
    return bytes + (this.#heldBytes ?? 0);
  }

  /** Null where the document is to be sent instead. */
  frame(audience: Audience): Frame | null {
    const known = this.#frames.get(audience);
    if (known !== undefined || !this.#change) return known ?? null;
    const { message, isSameForAll } = this.#change;
    const made = message(audience);
    const frame = made && encodeFrame(made);
    for (const one of isSameForAll ? AUDIENCES : [audience]) this.#frames.set(one, frame);
    if (this.#frames.size === AUDIENCES.length) {
      this.#change = null;
      this.#heldBytes = null;
    }
    return frame;
  }
}
