/** Tells those who follow output of a node that is away what is there of it in the folder that all nodes share, and then that the node is away. */
import { type Attempts, isOver } from "../../output/attempts.js";
import type { SharedOutput } from "../../output/shared/sharedOutput.js";
import { reportedBytes, type SharedOutputs } from "../../output/shared/sharedOutputs.js";
import type { LiveRecord } from "../../state/store/record.js";
import type { Here } from "../elsewhere.js";
import { readLogFrame } from "../outputFrames.js";
import type { FarFollow } from "./farFollow.js";

export interface SharedReadsParts extends Pick<Here, "recordOf"> {
  readonly shared: Pick<SharedOutputs, "open">;
  readonly outputs: Attempts;
  readonly frameBytes: number;
  /** Something may be told to it. */
  readonly wake: (follow: FarFollow) => void;
  readonly onSharedFailure: (error: unknown, node: string) => void;
}

/** The reading for one follower, as long as its question to the node waits for an answer. */
interface Read {
  readonly asked: FarFollow["asked"];
  readonly node: string;
  readonly since: string;
  /** Null before it was looked for, and where it has to be looked for again. */
  source: SharedOutput | null;
  /** By which record it was read last. */
  looked: LiveRecord | null;
  isBusy: boolean;
  /** All that was there is on its way. */
  isDone: boolean;
}

export class SharedReads {
  readonly #parts: SharedReadsParts;
  readonly #reads = new Map<FarFollow, Read>();

  constructor(parts: SharedReadsParts) {
    this.#parts = parts;
  }

  /** The node is away since then (RFC 3339). */
  begin(follow: FarFollow, node: string, since: string): void {
    const { asked } = follow;
    if (asked?.node !== node || this.#reads.get(follow)?.asked === asked) return;
    const read = { asked, node, since, source: null, looked: null, isBusy: false, isDone: false };
    this.#reads.set(follow, read);
    void this.#fill(follow, read);
  }

  /** All that was read was told, or its record has changed: an end that was said meanwhile is told once all of the output is here. */
  more(follow: FarFollow, record: LiveRecord): void {
    const read = this.#reads.get(follow);
    if (!read || !this.#isWanted(follow, read)) return;
    if (read.isDone) {
      const { step, attempt } = follow;
      const isNews = record !== read.looked && isOver(this.#parts.outputs, record, step, attempt);
      if (follow.isEnded || !isNews) return;
      read.isDone = false;
      read.source = null;
    }
    void this.#fill(follow, read);
  }

  drop(follow: FarFollow): void {
    this.#reads.delete(follow);
  }

  /** Once the node answers, what is read here is nothing to its follower any more. */
  #isWanted(follow: FarFollow, read: Read): boolean {
    return follow.isLive && follow.asked === read.asked && this.#reads.get(follow) === read;
  }

  async #fill(follow: FarFollow, read: Read): Promise<void> {
    if (read.isBusy || read.isDone) return;
    read.isBusy = true;
    try {
      await this.#readOn(follow, read);
    } catch (error) {
      if (this.#isWanted(follow, read)) {
        this.#parts.onSharedFailure(error, read.node);
        this.#away(follow, read);
      }
    } finally {
      read.isBusy = false;
    }
  }

  /** As much as there is room for. Rejects with what the disk said. */
  async #readOn(follow: FarFollow, read: Read): Promise<void> {
    const { shared, outputs, recordOf, frameBytes } = this.#parts;
    const { step, attempt } = follow;
    const record = recordOf(follow.owner);
    if (!record) return;
    read.looked = record;
    read.source ??= await shared.open(read.node, record, step, attempt);
    const { source } = read;
    if (!this.#isWanted(follow, read)) return;
    if (!source) return this.#away(follow, read);
    const name = { ...follow.owner, step, attempt };
    const end = source.next();
    let from = follow.position ?? (await source.tailStart(name, follow.tail));
    while (from < end) {
      const isAll = isOver(outputs, record, step, attempt);
      const most = Math.min(frameBytes, end - from);
      if (!this.#isWanted(follow, read) || !follow.hasRoom) return;
      const { frame, next } = await readLogFrame(source, name, { from, most, isAll });
      if (!this.#isWanted(follow, read)) return;
      if (!frame || follow.take(frame) !== "taken") break;
      from = next;
      this.#heard(follow);
    }
    if (!this.#isWanted(follow, read)) return;
    this.#finish(follow, read, source.next());
  }

  #finish(follow: FarFollow, read: Read, end: number): void {
    const { outputs, recordOf } = this.#parts;
    const { step, attempt, position } = follow;
    const record = recordOf(follow.owner);
    const isAll = record && isOver(outputs, record, step, attempt);
    // A folder on a network may be behind what was reported.
    if (!isAll || end < reportedBytes(record, step, attempt) || (position ?? end) !== end)
      return this.#away(follow, read);
    read.isDone = true;
    follow.ended(end);
    this.#heard(follow);
  }

  /** A follower that hears something of an output takes its node for being there. */
  #heard(follow: FarFollow): void {
    follow.awayNode = null;
    this.#parts.wake(follow);
  }

  #away(follow: FarFollow, read: Read): void {
    read.isDone = true;
    follow.tellAway(read);
    this.#parts.wake(follow);
  }
}
