/** One document on its way out: its watchers, its newest state, and its last changes for tabs that come back. */
import type { Limits } from "../../shared/limits.js";
import type { Position } from "../../shared/schema/position.js";
import type { ServerMessage } from "../../shared/wire/serverMessages.js";
import { type Audience, encodeFrame, type Frame } from "./frames.js";
import { type DocumentChange, KeptChange } from "./keptChange.js";
import type { Outbox } from "./outbox.js";
import { Recent } from "./recent.js";

/** Where a document is now. `snapshot` gives the frame, serialized at most once for each revision. */
export interface Source {
  readonly position: () => Position;
  readonly snapshot: (audience: Audience) => Frame;
}

/** Up to this size a few changes are sent even where the snapshot would be smaller: readers of the protocol expect changes. */
const SMALL_CATCH_UP_BYTES = 64 * 1024;

/** Half of the bytes that may wait in a socket, so that a tab that comes back is not cut off again by what it missed. */
const MOST_CATCH_UP_BYTES = 512 * 1024;

/** Hears of a bug on the way out of the document `documentId`. */
export type ChannelFailure = (error: unknown, documentId: string) => void;

export class Channel {
  readonly id: string;
  readonly #source: Source;
  readonly #watchers = new Set<Outbox>();
  readonly #recent: Recent<KeptChange>;
  readonly #onFailure: ChannelFailure;
  #snapshots: { position: Position; frames: Map<Audience, Frame> } | null = null;

  /** `onFailure` hears of bugs. Watchers that a bug concerns get a snapshot, or are closed where even that fails. */
  constructor(
    id: string,
    source: Source,
    limits: Pick<Limits, "recentChanges" | "recentBytes">,
    onFailure: ChannelFailure,
  ) {
    this.id = id;
    this.#source = source;
    this.#recent = new Recent({ changes: limits.recentChanges, bytes: limits.recentBytes });
    this.#onFailure = onFailure;
  }

  get watched(): boolean {
    return this.#watchers.size > 0;
  }

  /** The memory that the last changes take. */
  get recentBytes(): number {
    return this.#recent.bytes;
  }

  forgetRecent(): void {
    this.#recent.clear();
  }

  /** Catching up and joining are one turn, so no change can fall between them. */
  join(watcher: Outbox, last: Position | null): void {
    this.#watchers.add(watcher);
    watcher.forget(this.id);
    const now = this.#source.position();
    const missed = last?.epoch === now.epoch ? this.#missed(watcher, last.revision, now) : null;
    if (!missed) return this.#sendSnapshot(watcher);
    for (const frame of missed) watcher.replyFrame(frame);
    watcher.reply({ type: "resumed", workflow_id: this.id, ...now });
  }

  leave(watcher: Outbox): void {
    this.#watchers.delete(watcher);
    watcher.forget(this.id);
  }

  /** To everyone who watches, and kept for those who come back. The patch may differ by audience; the position does not. */
  publish(change: DocumentChange): void {
    const kept = new KeptChange(change);
    try {
      for (const watcher of this.#watchers) {
        const frame = kept.frame(watcher);
        if (frame) watcher.change(this.id, frame, this.#snapshotFor);
        else this.#sendSnapshot(watcher);
      }
      this.#recent.push(kept);
    } catch (error) {
      this.#onFailure(error, this.id);
      this.startOver();
    }
  }

  /** Something went wrong on the way: everyone gets the whole document, also who comes back later. */
  startOver(): void {
    this.#recent.clear();
    for (const watcher of this.#watchers) this.#sendSnapshot(watcher);
  }

  /** The end of the document: nothing more follows. */
  end(closed: Extract<ServerMessage, { type: "closed" }>): void {
    const frame = encodeFrame(closed);
    for (const watcher of [...this.#watchers]) {
      this.leave(watcher);
      watcher.replyFrame(frame);
    }
    this.#recent.clear();
  }

  #sendSnapshot(watcher: Outbox): void {
    try {
      watcher.snapshot(this.id, this.#snapshotFor);
    } catch (error) {
      this.#onFailure(error, this.id);
      watcher.fail();
    }
  }

  /** Null for a socket that left while it waited for room, or that is closed because there is none to be had. */
  readonly #snapshotFor = (watcher: Outbox): Frame | null => {
    if (!this.#watchers.has(watcher)) return null;
    try {
      return this.#snapshot(watcher.audience);
    } catch (error) {
      this.#onFailure(error, this.id);
      watcher.fail();
      return null;
    }
  };

  #snapshot(audience: Audience): Frame {
    const now = this.#source.position();
    const known = this.#snapshots?.position;
    if (!this.#snapshots || known?.revision !== now.revision || known.epoch !== now.epoch) {
      this.#snapshots = { position: now, frames: new Map() };
    }
    const { frames } = this.#snapshots;
    const frame = frames.get(audience) ?? this.#source.snapshot(audience);
    frames.set(audience, frame);
    return frame;
  }

  /** All frames from `revision` on; null where the snapshot is the better answer. */
  #missed(watcher: Outbox, revision: number, now: Position): readonly Frame[] | null {
    const kept = this.#recent.after(revision, now.revision);
    if (!kept || (kept.length > 0 && watcher.isSlow)) return null;
    try {
      const frames = kept.map((change) => change.frame(watcher));
      this.#recent.reweigh();
      return isWhole(frames) && !this.#isTooMuch(frames, watcher) ? frames : null;
    } catch (error) {
      this.#onFailure(error, this.id);
      this.#recent.clear();
      return null;
    }
  }

  #isTooMuch(missed: readonly Frame[], watcher: Outbox): boolean {
    let bytes = 0;
    for (const frame of missed) bytes += frame.length;
    if (bytes > MOST_CATCH_UP_BYTES) return true;
    return bytes > SMALL_CATCH_UP_BYTES && bytes > this.#snapshot(watcher.audience).length;
  }
}

const isWhole = (frames: readonly (Frame | null)[]): frames is readonly Frame[] =>
  frames.every((frame) => frame !== null);
