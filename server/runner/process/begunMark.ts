/** A mark that may have begun at the end of bytes that are cut anywhere. */

/** How many bytes at the end of `data` may be the beginning of the mark, and not all of it; 0 where none are. */
export function begunLength(data: Buffer, mark: Buffer): number {
  for (let length = Math.min(mark.length - 1, data.length); length > 0; length--) {
    if (data.subarray(data.length - length).equals(mark.subarray(0, length))) return length;
  }
  return 0;
}
