/** A text as one whole WebSocket frame of a server (RFC 6455, section 5.2): not masked, so that one buffer serves every socket. */

/** The bit that ends a message, and the opcode for text. */
const WHOLE_TEXT = 0x81;
/** In place of a length up to 125: the length follows in two or in eight bytes. */
const IN_TWO_BYTES = 126;
const IN_EIGHT_BYTES = 127;

/** Header and text in one buffer: two would be two writes' worth of work for each socket. */
export function textFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const header = headerBytes(length);
  const frame = Buffer.allocUnsafe(header + length);
  frame[0] = WHOLE_TEXT;
  if (header === 2) frame[1] = length;
  else if (header === 4) {
    frame[1] = IN_TWO_BYTES;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = IN_EIGHT_BYTES;
    frame.writeUInt16BE(0, 2);
    frame.writeUIntBE(length, 4, 6);
  }
  frame.write(text, header);
  return frame;
}

/** The text in a frame of ours. */
export function textOf(frame: Buffer): string {
  const told = frame[1] ?? 0;
  return frame.toString("utf8", told < IN_TWO_BYTES ? 2 : told === IN_TWO_BYTES ? 4 : 10);
}

function headerBytes(length: number): number {
  if (length < IN_TWO_BYTES) return 2;
  return length < 0x1_00_00 ? 4 : 10;
}
