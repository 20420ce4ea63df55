/** `Range: bytes=` (RFC 9110), for one range: other forms are not read, which the standard allows. Pure. */

export interface ByteRange {
  readonly from: number;
  readonly next: number;
}

/** Null where everything is wanted; "none" where no byte of the range is there. */
export function rangeIn(header: string | undefined, length: number): ByteRange | "none" | null {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? "");
  if (!match || (match[1] === "" && match[2] === "")) return null;
  const [first, last] = [match[1]!, match[2]!];
  if (first === "") {
    const count = Math.min(Number(last), length);
    return count === 0 ? "none" : { from: length - count, next: length };
  }
  const from = Number(first);
  if (last !== "" && Number(last) < from) return null;
  if (from >= length) return "none";
  return { from, next: last === "" ? length : Math.min(length, Number(last) + 1) };
}
