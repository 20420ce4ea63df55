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
          const { clean, rest } = masked(all, needles);
          held = Buffer.from(rest);
          return clean;
        },
        end() {
          const rest = held;
          held = NOTHING;
          return rest;
        },
      };
    },
    text: (text) => texts.reduce((clean, secret) => clean.replaceAll(secret, MASK), text),
  };
}

function masked(all: Buffer, needles: readonly Buffer[]): { clean: Buffer; rest: Buffer } {
  const pieces: Buffer[] = [];
  let from = 0;
  const places = new Map<Buffer, number>();
  for (;;) {
    const next = firstOf(all, from, needles, places);
    if (!next) break;
    pieces.push(all.subarray(from, next.at), MASKED);
    from = next.at + next.needle.length;
  }
  const waiting = all.length - waitingLength(all.subarray(from), needles);
  pieces.push(all.subarray(from, waiting));
  return { clean: Buffer.concat(pieces), rest: all.subarray(waiting) };
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

/** How much of the end may still become a secret. */
function waitingLength(bytes: Buffer, needles: readonly Buffer[]): number {
  let longest = 0;
  for (const needle of needles) {
    for (let length = Math.min(needle.length - 1, bytes.length); length > longest; length--) {
      if (bytes.subarray(bytes.length - length).equals(needle.subarray(0, length))) {
        longest = length;
        break;
      }
    }
  }
  return longest;
}
