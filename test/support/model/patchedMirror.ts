/** A mirror by the book, with another RFC 6902 implementation than ours: it throws at every hole, double and step back. */
import jsonPatch from "fast-json-patch";
import type { Position } from "../../../shared/schema/position.js";
import type { ServerMessage } from "../../../shared/wire/serverMessages.js";

export class PatchedMirror {
  readonly id: string;
  position: Position | null;
  state: unknown;
  closed = false;
  /** The newest revision shown in each life. */
  readonly #newest = new Map<string, number>();

  constructor(id: string, start: (Position & { state: unknown }) | null = null) {
    this.id = id;
    this.position = start && { epoch: start.epoch, revision: start.revision };
    this.state = start?.state ?? null;
    if (start) this.#newest.set(start.epoch, start.revision);
  }

  takeAll(frames: readonly ServerMessage[]): this {
    for (const frame of frames) this.take(frame);
    return this;
  }

  /** Frames of other documents are not for this one. */
  take(frame: ServerMessage): void {
    if (!("workflow_id" in frame) || frame.workflow_id !== this.id) return;
    switch (frame.type) {
      case "snapshot":
        this.#moveTo(frame, structuredClone(frame.state));
        break;
      case "changed":
        this.#expectAt({ epoch: frame.epoch, revision: frame.base }, frame);
        if (frame.revision <= frame.base) throw new Error(`no step on: ${JSON.stringify(frame)}`);
        this.#moveTo(frame, patched(this.state, frame.patch as jsonPatch.Operation[]));
        break;
      case "resumed":
        this.#expectAt(frame, frame);
        break;
      case "closed":
        this.closed = true;
        break;
      default:
        break;
    }
  }

  #moveTo({ epoch, revision }: Position, state: unknown): void {
    const newest = this.#newest.get(epoch) ?? 0;
    if (revision < newest) throw new Error(`${this.id} went back from ${newest} to ${revision}`);
    this.#newest.set(epoch, revision);
    this.position = { epoch, revision };
    this.state = state;
    this.closed = false;
  }

  #expectAt({ epoch, revision }: Position, frame: ServerMessage): void {
    if (this.position?.epoch === epoch && this.position.revision === revision) return;
    throw new Error(`at ${JSON.stringify(this.position)} came ${JSON.stringify(frame)}`);
  }
}

const patched = (state: unknown, patch: jsonPatch.Operation[]): unknown =>
  jsonPatch.applyPatch(structuredClone(state), structuredClone(patch), true).newDocument;
