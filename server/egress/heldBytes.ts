/** How much memory an old state holds beside the new one, roughly: the parts that they do not share. */

const CONTAINER_BYTES = 32;
const ENTRY_BYTES = 8;

/** Counts by reference, without looking into what both share, and no further than `most`. */
export function heldBytes(before: unknown, after: unknown, most: number): number {
  const open: [unknown, unknown][] = [[before, after]];
  let bytes = 0;
  for (let pair = open.pop(); pair && bytes <= most; pair = open.pop()) {
    const [old, now] = pair;
    if (old === now) continue;
    if (typeof old === "string") bytes += ENTRY_BYTES + old.length;
    else if (typeof old !== "object" || old === null) bytes += ENTRY_BYTES;
    else bytes += CONTAINER_BYTES + ENTRY_BYTES * openParts(old, now, open, most);
  }
  return bytes;
}

function openParts(old: object, now: unknown, open: [unknown, unknown][], most: number): number {
  const other = typeof now === "object" && now !== null ? (now as Record<string, unknown>) : {};
  const keys = Object.keys(old);
  // More would be over the bound by their number alone.
  for (const key of keys.slice(0, most / ENTRY_BYTES)) {
    const part = (old as Record<string, unknown>)[key];
    if (part !== other[key]) open.push([part, other[key]]);
  }
  return keys.length;
}
