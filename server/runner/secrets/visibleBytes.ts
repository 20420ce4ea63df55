/** Tells the bytes of UTF-8 that a terminal shows from those that only steer. One by one, cut anywhere. */
import { EscapeReader, PART } from "../../../shared/terminal/escapeReader.js";

export const BYTE = {
  visible: 0,
  /** This one and those in `opened`, of which nothing was known alone. */
  visibleWhole: 1,
  hidden: 2,
  /** Takes back the character before. */
  back: 3,
  lineEnd: 4,
  /** A part of a title or a link. */
  content: 5,
  /** The end of a control sequence. */
  final: 6,
  stringEnd: 7,
  /** The next byte decides which it is. */
  open: 8,
} as const;
export type ByteKind = (typeof BYTE)[keyof typeof BYTE];

const TAB = 0x09;
const BACKSPACE = 0x08;
const DELETE = 0x7f;
/** The first byte of U+0080 to U+00BF: of the 8-bit controls, and of characters. */
const LEAD = 0xc2;
/** Any byte of a character that takes several. */
const OF_CHARACTER = 0xff;

/** Characters that show nothing and take no room, by their first and last codes: soft hyphens, joiners, marks and selectors. */
const INVISIBLE: readonly (readonly [number, number])[] = [
  [0xad, 0xad],
  [0x34f, 0x34f],
  [0x61c, 0x61c],
  [0x180e, 0x180e],
  [0x200b, 0x200f],
  [0x202a, 0x202e],
  [0x2060, 0x206f],
  [0xfe00, 0xfe0f],
  [0xfeff, 0xfeff],
  [0xe0000, 0xe007f],
  [0xe0100, 0xe01ef],
];
/** Their bytes read as one number, and what they begin with. */
const invisible = new Set<number>();
const openings = new Set<number>([LEAD]);
for (const [first, last] of INVISIBLE) {
  for (let code = first; code <= last; code++) {
    let read = 0;
    for (const byte of Buffer.from(String.fromCodePoint(code))) {
      if (read > 0) openings.add(read);
      read = read * 256 + byte;
    }
    invisible.add(read);
  }
}

/** Whether more has to come before it is known what a byte is that stands in text. */
export const isOpening = (byte: number): boolean => openings.has(byte);

export class VisibleBytes {
  readonly #escapes = new EscapeReader();
  #opened: number[] = [];
  /** The same as one number. */
  #read = 0;

  /** Nothing is open: the next byte stands for itself. */
  get isInText(): boolean {
    return this.#read === 0 && this.#escapes.isInText;
  }

  get isOpen(): boolean {
    return this.#read !== 0;
  }

  /** The bytes before this one of which it took this one to know what they are; while something is open, all of it. */
  get opened(): readonly number[] {
    return this.#opened;
  }

  /** All that decides how the next bytes are read. */
  get state(): string {
    return this.#read === 0 ? this.#escapes.place : `${this.#read}`;
  }

  read(byte: number): ByteKind {
    if (!this.#escapes.isInText) {
      this.#opened = [];
      if (byte < 0x80 || this.#escapes.isInString) return this.#kindOf(byte, textKind(byte));
      // It ended the sequence, and is no part of it.
      this.#escapes.read(OF_CHARACTER);
    }
    const before = this.#read;
    this.#read = 0;
    if (before === 0) this.#opened = [];
    // The first bytes of a character without its others are stray ones.
    else if (byte < 0x80 || byte > 0xbf) return this.read(byte);
    // The 8-bit controls show nothing, and as UTF-8 they steer nothing.
    if (before === LEAD && byte <= 0x9f) return BYTE.hidden;
    const read = before * 256 + byte;
    if (invisible.has(read)) return BYTE.hidden;
    if (openings.has(read)) {
      this.#opened.push(byte);
      this.#read = read;
      return BYTE.open;
    }
    if (before !== 0) return BYTE.visibleWhole;
    return this.#kindOf(byte, textKind(byte));
  }

  #kindOf(byte: number, inText: ByteKind): ByteKind {
    // Bytes from 0x80 on are parts of characters, whatever the 8-bit controls are.
    switch (this.#escapes.read(byte < 0x80 ? byte : OF_CHARACTER)) {
      case PART.text:
        return inText;
      case PART.inside:
      case PART.escape:
        return BYTE.hidden;
      case PART.content:
        return BYTE.content;
      case PART.final:
        return BYTE.final;
      case PART.stringEnd:
        return BYTE.stringEnd;
    }
  }
}

function textKind(byte: number): ByteKind {
  if ((byte >= 0x20 && byte !== DELETE) || byte === TAB) return BYTE.visible;
  if (byte === 0x0a || byte === 0x0d) return BYTE.lineEnd;
  return byte === BACKSPACE ? BYTE.back : BYTE.hidden;
}

/** The characters alone, without anything that steers and without the ends of lines. */
export function visibleOf(bytes: Uint8Array): Buffer {
  const reader = new VisibleBytes();
  const visible: number[] = [];
  for (const byte of bytes) {
    const kind = reader.read(byte);
    if (kind === BYTE.visibleWhole) visible.push(...reader.opened);
    if (kind === BYTE.visible || kind === BYTE.visibleWhole) visible.push(byte);
  }
  return Buffer.from(visible);
}
