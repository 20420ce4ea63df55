/** Reads what an attempt printed under an earlier server once more, so that this one knows what that one knew of it: lines, errors, progress. */
import { StringDecoder } from "node:string_decoder";
import type { KeptRecord } from "../../keeper/keptRecord.js";
import type { PlacedOutput } from "../../report/placedOutput.js";
import type { PastOutput } from "../../report/reporter.js";

/** `onText` is given what the command itself printed, as `SpoolListeners` has it; nothing is written. */
export async function passOver(
  past: AsyncIterable<PastOutput>,
  output: PlacedOutput,
  { begin, own }: Pick<KeptRecord, "begin" | "own">,
  onText: (text: string, bytes: Uint8Array) => void,
): Promise<void> {
  const decoder = new StringDecoder("utf8");
  const others: readonly (readonly [number, number])[] = [[0, begin], ...own];
  for await (const { bytes, skipped } of past) {
    output.passOver(NOTHING, skipped);
    const from = output.next;
    for (let at = 0; at < bytes.length; ) {
      const { isOwn, until } = partAt(others, from + at);
      const part = bytes.subarray(at, until - from);
      const text = isOwn ? "" : decoder.write(part);
      if (text !== "") onText(text, part);
      output.passOver(part, 0);
      at += part.length;
    }
  }
}

/** Whether the byte at that place is none of the command's, and where that changes. */
function partAt(
  others: readonly (readonly [number, number])[],
  place: number,
): { readonly isOwn: boolean; readonly until: number } {
  const around = others.find(([from, length]) => from <= place && place < from + length);
  if (around) return { isOwn: true, until: around[0] + around[1] };
  const next = others.map(([from]) => from).filter((from) => from > place);
  return { isOwn: false, until: Math.min(...next) };
}

const NOTHING = Buffer.alloc(0);
