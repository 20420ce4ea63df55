/** Takes secrets out of what commands print, however they are written, cut or coloured. */
import type { Piece } from "./maskedRanges.js";
import { createSearch, Masker } from "./masker.js";
import { needlesFor } from "./needles.js";
import { type ComparedStream, type RestartableStream, restartable } from "./restarts.js";

export interface RedactedStream {
  /** The bytes that can be shown by now: an end that may be the beginning of a secret waits for more. */
  add(bytes: Buffer): Buffer;
  /** The bytes that still waited. */
  end(): Buffer;
}

export interface Redaction {
  stream(): RedactedStream;
  /** One that another one can go on with; it gives none of its first `skip` bytes. */
  restartable(skip?: number): RestartableStream;
  text(text: string): string;
}

const NOTHING = Buffer.alloc(0);

const openStream = (): ComparedStream => ({
  add: (bytes) => bytes,
  end: () => NOTHING,
  state: () => "",
  isFresh: () => true,
  openLength: () => 0,
});

/** Nothing is secret. */
export const NO_REDACTION: Redaction = {
  stream: openStream,
  restartable: (skip = 0) => restartable(openStream, skip),
  text: (text) => text,
};

export function createRedaction(values: readonly string[]): Redaction {
  const needles = needlesFor(values);
  if (needles.shown.length + needles.exact.length === 0) return NO_REDACTION;
  const shown = createSearch(needles.shown, false);
  const exact = needles.exact.length === 0 ? null : createSearch(needles.exact, true);

  const oneStream = (): ComparedStream => {
    const maskers: Masker[] = [...(exact ? [new Masker(exact)] : []), new Masker(shown)];
    const through = (bytes: Buffer): Buffer =>
      maskers.reduce((clean, masker) => joined(masker.add(clean)), bytes);
    return {
      add: through,
      end: () =>
        maskers.reduce<Buffer>(
          (rest, masker) => Buffer.concat([joined(masker.add(rest)), joined(masker.end())]),
          NOTHING,
        ),
      state: () => JSON.stringify(maskers.map(({ state }) => state)),
      isFresh: () => maskers.every(({ isFresh }) => isFresh),
      openLength: () => maskers.reduce((sum, { openLength }) => sum + openLength, 0),
    };
  };

  return {
    stream: oneStream,
    restartable: (skip = 0) => restartable(oneStream, skip),
    text: (text) => {
      const stream = oneStream();
      const bytes = Buffer.from(text);
      const clean = Buffer.concat([stream.add(bytes), stream.end()]);
      // A text with nothing to hide stays as it is, also where UTF-8 could not say it.
      return clean.equals(bytes) ? text : clean.toString();
    },
  };
}

const joined = (pieces: readonly Piece[]): Buffer =>
  pieces.length === 1 ? pieces[0]!.bytes : Buffer.concat(pieces.map(({ bytes }) => bytes));
