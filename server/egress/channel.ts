/** One document on its way out: who watches it, what it looks like now, and what was said of it last. */
import type { Limits } from "../../shared/limits.js";
import type { Position, ServerMessage } from "../../shared/messages.js";
import { Recent, type RecentChange } from "../state/recent.js";
import { AUDIENCES, type Audience, encodeFrame, type Frame } from "./frames.js";
import type { Outbox } from "./outbox.js";

/** Where a document is now. `snapshot` gives the frame, serialized at most once for each revision. */
export interface Source {
  readonly position: () => Position;
  readonly snapshot: (audience: Audience) => Frame;
}

interface SentChange extends RecentChange {
  readonly frames: Readonly<Record<Audience, Frame>>;
}

/** Up to here a few changes are sent even where the snapshot would be smaller: they are what the protocol's readers expect. */
const SMALL_CATCH_UP_BYTES = 64 * 1024;

/** Half of what may wait in a socket, so that coming back is never a reason to be cut again. */
const MOST_CATCH_UP_BYTES = 512 * 1024;

type Change = Extract<ServerMessage, { type: "changed" }>;

export class Channel {
  readonly id: string;
  readonly #source: Source;
  readonly #watchers = new Set<Outbox>();
  readonly #recent: Recent<SentChange>;
  #snapshots: { position: Position; frames: Map<Audience, Frame> } | null = null;

  constructor(id: string, source: Source, limits: Pick<Limits, "recentChanges" | "recentBytes">) {
    this.id = id;
    this.#source = source;
    this.#recent = new Recent({ changes: limits.recentChanges, bytes: limits.recentBytes });
  }

  get watched(): boolean {
    return this.#watchers.size > 0;
  }

  /** What the last changes keep of memory. */
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
    const missed =
      last?.epoch === now.epoch ? this.#recent.after(last.revision, now.revision) : null;
    if (!missed || this.#isTooMuch(missed, watcher)) {
      return watcher.snapshot(this.id, () => this.#snapshotFor(watcher));
    }
    for (const { frames } of missed) watcher.replyFrame(frames[watcher.audience]);
    watcher.reply({ type: "resumed", workflow_id: this.id, ...now });
  }

  leave(watcher: Outbox): void {
    this.#watchers.delete(watcher);
    watcher.forget(this.id);
  }

  /** To everyone who watches, and kept for those who come back. The patch may differ by audience; the position does not. */
  publish(changes: Readonly<Record<Audience, Change>>): void {
    const drive = encodeFrame(changes.drive);
    const watch = changes.watch === changes.drive ? drive : encodeFrame(changes.watch);
    const frames = { drive, watch };
    const bytes = drive.length + (watch === drive ? 0 : watch.length);
    this.#recent.push({
      base: changes.drive.base,
      revision: changes.drive.revision,
      bytes,
      frames,
    });
    for (const watcher of this.#watchers) {
      watcher.change(this.id, frames[watcher.audience], () => this.#snapshotFor(watcher));
    }
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

  /** Null for a socket that left while it waited for room. */
  #snapshotFor(watcher: Outbox): Frame | null {
    return this.#watchers.has(watcher) ? this.#snapshot(watcher.audience) : null;
  }

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

  #isTooMuch(missed: readonly SentChange[], watcher: Outbox): boolean {
    if (missed.length > 0 && watcher.isSlow) return true;
    let bytes = 0;
    for (const { frames } of missed) bytes += frames[watcher.audience].length;
    if (bytes > MOST_CATCH_UP_BYTES) return true;
    return bytes > SMALL_CATCH_UP_BYTES && bytes > this.#snapshot(watcher.audience).length;
  }
}

/** The same change for everyone. */
export const forAll = (change: Change): Record<Audience, Change> =>
  Object.fromEntries(AUDIENCES.map((audience) => [audience, change])) as Record<Audience, Change>;
