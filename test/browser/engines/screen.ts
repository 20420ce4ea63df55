/** What Xvfb shows, read from the file it keeps it in: an XWD dump (X11/XWDFile.h), which is what a person would see. */
import { readFile } from "node:fs/promises";
import type { Picture } from "./engineTab.js";

export interface Place {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

interface Screen extends Picture {
  readonly bytesPerLine: number;
}

/** The header is big-endian words; what follows are colours of 12 bytes, and then the pixels of four bytes each. */
const WORD = { headerSize: 0, width: 4, height: 5, bytesPerLine: 12, colours: 19 } as const;
const COLOUR_BYTES = 12;

export async function readScreen(file: string): Promise<Screen> {
  const dump = await readFile(file);
  const word = (index: number) => dump.readUInt32BE(index * 4);
  const start = word(WORD.headerSize) + word(WORD.colours) * COLOUR_BYTES;
  return {
    width: word(WORD.width),
    height: word(WORD.height),
    bytesPerLine: word(WORD.bytesPerLine),
    pixels: dump.subarray(start),
  };
}

/** The part of it that is at a place. */
export function cut(
  { bytesPerLine, pixels }: Screen,
  { left, top, width, height }: Place,
): Picture {
  const lines = Array.from({ length: height }, (_, line) => {
    const from = (top + line) * bytesPerLine + left * 4;
    return pixels.subarray(from, from + width * 4);
  });
  return { width, height, pixels: Buffer.concat(lines) };
}
