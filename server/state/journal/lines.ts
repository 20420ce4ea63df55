/** One line of the journal: `<length> <checksum> <JSON>`, so that a line which was cut or has a wrong bit is never taken for a whole one. */
import { crc32 } from "node:zlib";

/** Its place in the journal, and what it says. */
export interface NumberedLine {
  /** One more than that of the line before. */
  readonly number: number;
  /** The number of the first line of those that were written together with it. */
  readonly batch: number;
  readonly content: Readonly<Record<string, unknown>>;
}

const HEAD = /^([1-9]\d{0,9}) ([0-9a-f]{8}) $/;
const LONGEST_HEAD = "4294967295 01234567 ".length;

/** `content` is the JSON text of an object with at least one member, and has no line break. */
export function encodeLine(number: number, batch: number, content: string): string {
  const text = `{"n":${number},"b":${batch},${content.slice(1)}`;
  return `${Buffer.byteLength(text)} ${checksumOf(text)} ${text}\n`;
}

/** Null where the bytes, without their line break, are not exactly one line as `encodeLine` made it. */
export function decodeLine(bytes: Buffer): NumberedLine | null {
  const start = endOfHead(bytes);
  const [, length, checksum] = HEAD.exec(bytes.toString("latin1", 0, start)) ?? [];
  const body = bytes.subarray(start);
  if (Number(length) !== body.length || checksum !== checksumOf(body)) return null;
  const { n, b, ...content } = JSON.parse(body.toString()) as Record<string, unknown>;
  return { number: Number(n), batch: Number(b), content };
}

function endOfHead(bytes: Buffer): number {
  const first = bytes.indexOf(" ");
  return Math.min(bytes.indexOf(" ", first + 1) + 1, LONGEST_HEAD);
}

const checksumOf = (text: string | Buffer): string => crc32(text).toString(16).padStart(8, "0");
