/** Where bytes may be cut so that no character of UTF-8 is cut in two. Pure. */

/** How many of the bytes make whole characters: at most three at the end may be waiting for more. */
export function wholeLength(bytes: Uint8Array): number {
  const furthest = Math.min(3, bytes.length);
  for (let back = 1; back <= furthest; back++) {
    const byte = bytes[bytes.length - back]!;
    if (isContinuation(byte)) continue;
    return bytes.length - (back < lengthSaidBy(byte) ? back : 0);
  }
  return bytes.length;
}

/** How many bytes at the start belong to a character that began before. */
export function strayLength(bytes: Uint8Array): number {
  let stray = 0;
  while (stray < 3 && stray < bytes.length && isContinuation(bytes[stray]!)) stray += 1;
  return stray;
}

const isContinuation = (byte: number): boolean => (byte & 0xc0) === 0x80;

function lengthSaidBy(lead: number): number {
  if (lead >= 0xf0 && lead <= 0xf4) return 4;
  if (lead >= 0xe0 && lead <= 0xef) return 3;
  if (lead >= 0xc2 && lead <= 0xdf) return 2;
  return 1;
}
