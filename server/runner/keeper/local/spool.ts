/** Reads the pieces of a keeper's folder in their order. A piece is claimed by its name before it is read: the keeper then leaves it whole. */
import { closeSync, openSync, readdirSync, readSync, renameSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import type { SpoolPiece, SpoolPlace } from "../keeper.js";
import { isMissing, lastSegmentOf } from "./papers.js";

/** `waiting`: nothing more is there yet. `over`: nothing more will come. */
export type SpoolRead = SpoolPiece | "waiting" | "over";

export interface SpoolState {
  /** Other pieces may be there than at the last look. */
  readonly isChanged: boolean;
  /** Nobody writes any more, whatever the folder says. */
  readonly isFinal: boolean;
}

/** Pieces that were left out. */
interface Gap {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly bytes: number;
}

const NOTHING = Buffer.alloc(0);

interface Listing {
  /** In no order. */
  readonly segments: readonly number[];
  readonly gaps: readonly Gap[];
  /** The number of the last piece there will be. */
  readonly last: number | null;
}

export class Spool {
  readonly #folder: string;
  #opened: { readonly segment: number; readonly fd: number } | null = null;
  #buffer: Buffer | null = null;
  #releasedBefore = 1;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Throws where the machine cannot read just now: too many files are open. */
  read(place: SpoolPlace, most: number, state: SpoolState): SpoolRead {
    let { segment, at } = place;
    let leftOut = 0;
    for (;;) {
      const bytes = this.#bytesOf(segment, at, most);
      if (bytes !== null) return pieceOf(bytes, { segment, at }, leftOut);
      if (!state.isChanged) return "waiting";
      const listing = listingOf(this.#folder);
      // The piece counts as whole only after that was read which was written before the listing.
      const late = this.#bytesOf(segment, at, most);
      if (late !== null) return pieceOf(late, { segment, at }, leftOut);
      const after = following(segment, listing, state.isFinal);
      if (after === "waiting") {
        // Told at once: the room of the piece before it may be what the keeper waits for.
        const isFurther = segment > place.segment;
        return isFurther ? pieceOf(NOTHING, { segment, at }, leftOut) : "waiting";
      }
      if (after.gap !== null && !this.#claim(after.gap)) continue;
      leftOut += after.gap?.bytes ?? 0;
      if (after.segment === null) {
        const end = { segment: segment + 1, at: 0 };
        return leftOut === 0 ? "over" : pieceOf(NOTHING, end, leftOut);
      }
      segment = after.segment;
      at = 0;
    }
  }

  /** Removes what lies before this place. */
  release(before: SpoolPlace): void {
    if (before.segment <= this.#releasedBefore) return;
    this.#releasedBefore = before.segment;
    // Its room is free only once nobody has it open.
    if (this.#opened !== null && this.#opened.segment < before.segment) this.close();
    for (const name of namesIn(this.#folder)) {
      const [kind, from, to = from] = name.split(".");
      if (kind !== "in" && kind !== "out" && kind !== "left" && kind !== "past") continue;
      if (!(Number(to) < before.segment)) continue;
      try {
        unlinkSync(join(this.#folder, name));
      } catch {
        // It is removed with its folder.
      }
    }
  }

  /** From now on the keeper counts what it leaves out by another record. False where it has just changed this one. */
  #claim({ name }: Gap): boolean {
    if (name.startsWith("past")) return true;
    try {
      const claimed = name.replace("left", "past");
      renameSync(join(this.#folder, name), join(this.#folder, claimed));
      return true;
    } catch (error) {
      if (isMissing(error)) return false;
      throw error;
    }
  }

  close(): void {
    if (this.#opened !== null) closeSync(this.#opened.fd);
    this.#opened = null;
  }

  /** At least one; null where there are none by now. */
  #bytesOf(segment: number, at: number, most: number): Buffer | null {
    const fd = this.#open(segment);
    if (fd === null) return null;
    const buffer = this.#buffer?.length === most ? this.#buffer : Buffer.allocUnsafeSlow(most);
    this.#buffer = buffer;
    // Written a moment ago, so it comes from memory: a thread of its own takes longer to ask than the bytes to copy.
    const bytesRead = readSync(fd, buffer, 0, most, at);
    if (bytesRead === 0) return null;
    // A few bytes would hold all of a long buffer.
    if (bytesRead < most / 2) return Buffer.from(buffer.subarray(0, bytesRead));
    this.#buffer = null;
    return buffer.subarray(0, bytesRead);
  }

  #open(segment: number): number | null {
    if (this.#opened?.segment === segment) return this.#opened.fd;
    const claimed = join(this.#folder, `in.${segment}`);
    try {
      renameSync(join(this.#folder, `out.${segment}`), claimed);
    } catch {
      // It was claimed before, or there is none.
    }
    let fd: number;
    try {
      fd = openSync(claimed, "r");
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
    this.close();
    this.#opened = { segment, fd };
    return fd;
  }
}

function pieceOf(bytes: Buffer, from: SpoolPlace, leftOut: number): SpoolPiece {
  const next = { segment: from.segment, at: from.at + bytes.length };
  return { bytes, from, next, leftOut };
}

type Following = "waiting" | { readonly segment: number | null; readonly gap: Gap | null };

/** Tells the next piece after one of which all was read that is there, or the one to be read instead of one that is not there. */
function following(
  segment: number,
  { segments, gaps, last }: Listing,
  isFinal: boolean,
): Following {
  const isHere = segments.includes(segment);
  const gap = gaps.find(({ from, to }) => from <= segment && segment <= to);
  if (!isHere && gap) return { segment: gap.to + 1, gap };
  if (last !== null && segment >= last) return { segment: null, gap: null };
  const later = [...segments, ...gaps.map(({ from }) => from)].filter((one) => one > segment);
  const next = later.length === 0 ? null : Math.min(...later);
  if (next === null) return isFinal ? { segment: null, gap: null } : "waiting";
  // One that is missing is being left out this moment: the record of it comes at once.
  if (isHere && (next === segment + 1 || isFinal)) return { segment: next, gap: null };
  return isFinal ? { segment: next, gap: null } : "waiting";
}

function listingOf(folder: string): Listing {
  // Asked first: whatever is listed after it was written before it.
  const last = lastSegmentOf(folder);
  const segments: number[] = [];
  const gaps: Gap[] = [];
  for (const name of namesIn(folder)) {
    const [, segment] = /^(?:in|out)\.(\d{1,15})$/.exec(name) ?? [];
    if (segment !== undefined) segments.push(Number(segment));
    const [, from, to, bytes] =
      /^(?:left|past)\.(\d{1,15})\.(\d{1,15})\.(\d{1,15})$/.exec(name) ?? [];
    if (bytes === undefined) continue;
    gaps.push({ name, from: Number(from), to: Number(to), bytes: Number(bytes) });
  }
  return { segments, gaps, last };
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
