/** Takes secrets out of what commands print, however they are written, cut, coloured or spread over two streams. */
import type { StreamName } from "../pipes.js";
import { createMasker, createSearch, type Masker, type Piece } from "./masker.js";
import { needlesFor } from "./needles.js";

export interface RedactedStream {
  /** What can be shown of it by now: an end that may be the beginning of a secret waits for more. */
  add(bytes: Buffer): Buffer;
  /** What still waited. */
  end(): Buffer;
}

/** A part of one of a command's two streams. */
export interface StreamPiece {
  readonly stream: StreamName;
  readonly bytes: Buffer;
}

/** Both streams in the order in which they are joined: a secret may begin in one and end in the other. */
export interface RedactedStreams {
  add(stream: StreamName, bytes: Buffer): StreamPiece[];
  end(): StreamPiece[];
}

export interface Redaction {
  stream(): RedactedStream;
  streams(): RedactedStreams;
  text(text: string): string;
}

/** Nothing is secret. */
export const NO_REDACTION: Redaction = {
  stream: () => ({ add: (bytes) => bytes, end: () => Buffer.alloc(0) }),
  streams: () => ({ add: (stream, bytes) => [{ stream, bytes }], end: () => [] }),
  text: (text) => text,
};

export function createRedaction(values: readonly string[]): Redaction {
  const needles = needlesFor(values);
  if (needles.shown.length + needles.exact.length === 0) return NO_REDACTION;
  const shown = createSearch(needles.shown, false);
  const exact = needles.exact.length === 0 ? null : createSearch(needles.exact, true);

  const oneStream = (): RedactedStream => {
    const maskers: Masker[] = [...(exact ? [createMasker(exact)] : []), createMasker(shown)];
    const through = (bytes: Buffer): Buffer =>
      maskers.reduce((clean, masker) => joined(masker.add(clean)), bytes);
    return {
      add: through,
      end: () =>
        maskers.reduce<Buffer>(
          (rest, masker) => Buffer.concat([joined(masker.add(rest)), joined(masker.end())]),
          Buffer.alloc(0),
        ),
    };
  };

  return {
    stream: oneStream,
    streams: () => joinedStreams(createMasker(shown), oneStream, exact !== null),
    text: (text) => {
      const stream = oneStream();
      const bytes = Buffer.from(text);
      const clean = Buffer.concat([stream.add(bytes), stream.end()]);
      // What has nothing to hide stays as it is, also where UTF-8 could not say it.
      return clean.equals(bytes) ? text : clean.toString();
    },
  };
}

/** What comes from one stream without anything between is one part. */
function gathered(parts: readonly StreamPiece[]): StreamPiece[] {
  const whole: { stream: StreamName; bytes: Buffer[] }[] = [];
  for (const { stream, bytes } of parts) {
    const last = whole.at(-1);
    if (last?.stream === stream) last.bytes.push(bytes);
    else whole.push({ stream, bytes: [bytes] });
  }
  return whole.map(({ stream, bytes }) => ({
    stream,
    bytes: bytes.length === 1 ? bytes[0]! : Buffer.concat(bytes),
  }));
}

const joined = (pieces: readonly Piece[]): Buffer =>
  pieces.length === 1 ? pieces[0]!.bytes : Buffer.concat(pieces.map(({ bytes }) => bytes));

/** First both as they come, then each by itself: what the other one printed in between is no hiding place. */
function joinedStreams(
  both: Masker,
  oneStream: () => RedactedStream,
  needsBoth: boolean,
): RedactedStreams {
  const single: Record<StreamName, RedactedStream> = { stdout: oneStream(), stderr: oneStream() };
  /** Which stream the bytes came from that are not given out yet, by the place where they end. */
  let came: { stream: StreamName; end: number }[] = [];
  let end = 0;
  // As long as only one of them prints, both are one.
  let isMixed = needsBoth;

  const apart = (pieces: readonly Piece[]): StreamPiece[] => {
    const parts: StreamPiece[] = [];
    for (const { at, bytes } of pieces) {
      let from = 0;
      while (from < bytes.length) {
        while (came.length > 1 && came[0]!.end <= at + from) came.shift();
        const { stream, end: until } = came[0]!;
        const isLast = came.length === 1;
        const to = isLast ? bytes.length : Math.min(bytes.length, until - at);
        parts.push({ stream, bytes: bytes.subarray(from, to) });
        from = to;
      }
    }
    return gathered(parts);
  };
  const cleaned = (parts: readonly StreamPiece[]): StreamPiece[] => {
    if (!isMixed) return [...parts];
    return parts
      .map(({ stream, bytes }) => ({ stream, bytes: single[stream].add(bytes) }))
      .filter(({ bytes }) => bytes.length > 0);
  };

  return {
    add(stream, bytes) {
      end += bytes.length;
      const last = came.at(-1);
      isMixed ||= last !== undefined && last.stream !== stream;
      if (last?.stream === stream) last.end = end;
      else came.push({ stream, end });
      return cleaned(apart(both.add(bytes)));
    },
    end() {
      const rest = cleaned(apart(both.end()));
      came = [];
      for (const stream of ["stdout", "stderr"] as const) {
        const bytes = single[stream].end();
        if (bytes.length > 0) rest.push({ stream, bytes });
      }
      return rest;
    },
  };
}
