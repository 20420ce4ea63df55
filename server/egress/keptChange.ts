/** A change of a document, which becomes a frame when somebody is there to get it: once for each audience and form, or never. */
import type { Changed } from "../../shared/wire/serverMessages.js";
import {
  AUDIENCES,
  type Audience,
  encodeChange,
  type Form,
  type Frame,
  type Reader,
} from "./frames.js";
import { textOf } from "./textFrame.js";

/** A change as a document's channel is told of it. */
export interface DocumentChange {
  readonly base: number;
  readonly revision: number;
  /** All audiences that get the same frame as this one, itself among them. */
  readonly seenAlike: (audience: Audience) => readonly Audience[];
  /** Null where the whole document is no longer than telling what changed. */
  readonly message: (audience: Audience) => Changed | null;
  /** Bytes that keeping it holds as long as there is no frame of it. */
  readonly heldBytes: () => number;
}

/** A change as one audience sees it. */
interface Told {
  /** For readers of the other form, who may come yet; null once it can be read from the patch. */
  message: Changed | null;
  readonly frames: Partial<Record<Form, Frame>>;
}

export class KeptChange {
  readonly base: number;
  readonly revision: number;
  /** Null once nothing is left to be made from it. */
  #change: DocumentChange | null;
  #heldBytes: number | null = null;
  /** Null for an audience that gets the document instead. */
  readonly #told = new Map<Audience, Told | null>();

  constructor(change: DocumentChange) {
    this.base = change.base;
    this.revision = change.revision;
    this.#change = change;
  }

  /** The bytes that keeping it costs now. */
  get bytes(): number {
    let bytes = 0;
    for (const told of new Set(this.#told.values())) {
      const patch = told?.frames.patch?.length ?? 0;
      const merge = told?.frames.merge?.length ?? 0;
      // The message takes about what its frame takes.
      bytes += patch + merge + (told?.message ? merge : 0);
    }
    if (this.#change) this.#heldBytes ??= this.#change.heldBytes();
    return bytes + (this.#heldBytes ?? 0);
  }

  /** Null where the document is to be sent instead. */
  frame({ audience, form }: Reader): Frame | null {
    const told = this.#toldTo(audience);
    if (!told) return null;
    const frame = told.frames[form] ?? encodeChange(messageOf(told), form);
    told.frames[form] = frame;
    if (form === "patch") told.message = null;
    return frame;
  }

  #toldTo(audience: Audience): Told | null {
    const known = this.#told.get(audience);
    if (known !== undefined || !this.#change) return known ?? null;
    const { message: messageFor, seenAlike } = this.#change;
    const message = messageFor(audience);
    const told = message && { message, frames: {} };
    for (const one of seenAlike(audience)) this.#told.set(one, told);
    if (this.#told.size === AUDIENCES.length) {
      this.#change = null;
      this.#heldBytes = null;
    }
    return told;
  }
}

function messageOf({ message, frames }: Told): Changed {
  if (message) return message;
  if (!frames.patch) throw new Error("a change was told in no form");
  return JSON.parse(textOf(frames.patch)) as Changed;
}
