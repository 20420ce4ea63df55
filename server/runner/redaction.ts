/** Takes secrets out of what commands print, also where one comes in two pieces. */
import { MASK } from "../../shared/fields.js";

/** Shorter ones would tear holes into everything, and hide nothing that cannot be guessed. */
const SHORTEST = 4;
/** Of a secret of several lines, a line that is as long is one by itself. */
const SHORTEST_LINE = 8;
const MASKED = Buffer.from(MASK);

export interface RedactedStream {
  /** What can be shown of it by now: an end that may be the beginning of a secret waits for more. */
  add(bytes: Buffer): Buffer;
  /** What still waited. */
  end(): Buffer;
}

export interface Redaction {
  stream(): RedactedStream;
  text(text: string): string;
}

const NOTHING = Buffer.alloc(0);

export function createRedaction(values: readonly string[]): Redaction {
  const lines = values.flatMap((value) => value.split(/\r?\n/));
  const secrets = [
    ...values.filter(({ length }) => length >= SHORTEST),
    ...lines.filter(({ length }) => length >= SHORTEST_LINE),
  ];
  // The longest first: of two that begin alike, the whole of the longer one goes.
  const texts = [...new Set(secrets)].sort((a, b) => b.length - a.length);
  const needles = texts.map((secret) => Buffer.from(secret));

  return {
    stream: () => {
      let held = NOTHING;
      return {
        add(bytes) {
          if (needles.length === 0) return bytes;
          const all = held.length === 0 ? bytes : Buffer.concat([held, bytes]);
          const { clean, rest } = masked(all, needles, true);
          held = Buffer.from(rest);
          return clean;
        },
        end() {
          const { clean } = masked(held, needles, false);
          held = NOTHING;
          return clean;
        },
      };
    },
    text: (text) => texts.reduce((clean, secret) => clean.replaceAll(secret, MASK), text),
  };
}

/** `isMore`: what may yet become a secret, or a longer one, is left for when more came. */
function masked(
  all: Buffer,
  needles: readonly Buffer[],
  isMore: boolean,
): { clean: Buffer; rest: Buffer } {
  const pieces: Buffer[] = [];
  let from = 0;
  const waiting = isMore ? waitingFrom(all, needles) : all.length;
  const places = new Map<Buffer, number>();
  for (;;) {
    const next = firstOf(all, from, needles, places);
    if (!next || next.at >= waiting) break;
    pieces.push(all.subarray(from, next.at), MASKED);
    from = next.at + next.needle.length;
  }
  // A secret that was masked may reach into what would wait.
  const until = Math.max(from, waiting);
  pieces.push(all.subarray(from, until));
  return { clean: Buffer.concat(pieces), rest: all.subarray(until) };
}

/** `places` remembers where each was found, so that none is looked for twice in the same bytes. */
function firstOf(
  all: Buffer,
  from: number,
  needles: readonly Buffer[],
  places: Map<Buffer, number>,
): { at: number; needle: Buffer } | null {
  let first: { at: number; needle: Buffer } | null = null;
  for (const needle of needles) {
    let at = places.get(needle);
    if (at === undefined || (at !== -1 && at < from)) {
      at = all.indexOf(needle, from);
      places.set(needle, at);
    }
    if (at !== -1 && (!first || at < first.at)) first = { at, needle };
  }
  return first;
}

/** Where the first secret begins whose end has not come yet; the end where there is none. */
function waitingFrom(all: Buffer, needles: readonly Buffer[]): number {
  let longest = 0;
  for (const needle of needles) {
    for (let length = Math.min(needle.length - 1, all.length); length > longest; length--) {
      if (all.subarray(all.length - length).equals(needle.subarray(0, length))) {
        longest = length;
        break;
      }
    }
  }
  return all.length - longest;
}
