/** What a terminal shows of bytes of UTF-8: which of them are characters, and which only steer. One by one, cut anywhere. */
import { EscapeReader, PART } from "../../../shared/escapeSequences.js";

export const BYTE = {
  visible: 0,
  /** This one and the one before, of which nothing was known alone. */
  visiblePair: 1,
  hidden: 2,
  /** Takes back the character before. */
  back: 3,
  lineEnd: 4,
  /** Of a title or a link. */
  content: 5,
  /** The end of a control sequence. */
  final: 6,
  stringEnd: 7,
  /** What it is depends on the next one. */
  open: 8,
} as const;
export type ByteKind = (typeof BYTE)[keyof typeof BYTE];

const TAB = 0x09;
const BACKSPACE = 0x08;
const DELETE = 0x7f;
/** The first byte of U+0080 to U+00BF: of the 8-bit controls, and of characters. */
export const LEAD = 0xc2;

export class VisibleBytes {
  readonly #escapes = new EscapeReader();
  #isLeadOpen = false;

  /** Nothing is open: the next byte stands for itself. */
  get isInText(): boolean {
    return !this.#isLeadOpen && this.#escapes.isInText;
  }

  get isOpen(): boolean {
    return this.#isLeadOpen;
  }

  read(byte: number): ByteKind {
    if (this.#isLeadOpen) {
      this.#isLeadOpen = false;
      if (byte >= 0x80 && byte <= 0x9f) return this.#kindOf(byte, BYTE.hidden);
      // The two are a character, or the first is a stray one.
      return byte >= 0xa0 && byte <= 0xbf ? this.#kindOf(0xff, BYTE.visiblePair) : this.read(byte);
    }
    if (byte === LEAD) {
      this.#isLeadOpen = true;
      return BYTE.open;
    }
    // Other bytes from 0x80 on are parts of characters, whatever the 8-bit controls are.
    return this.#kindOf(byte < 0x80 ? byte : 0xff, textKind(byte));
  }

  #kindOf(code: number, inText: ByteKind): ByteKind {
    switch (this.#escapes.read(code)) {
      case PART.text:
        return inText;
      case PART.inside:
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
    if (kind === BYTE.visiblePair) visible.push(LEAD);
    if (kind === BYTE.visible || kind === BYTE.visiblePair) visible.push(byte);
  }
  return Buffer.from(visible);
}
