/** How many bytes, as people write it: "500MB", "1GiB". */

const UNITS: Readonly<Record<string, number>> = {
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};

/** Throws with a sentence that says what was wrong; the caller knows whose value it was. */
export function parseBytes(text: string, least: number): number {
  const found = /^(\d{1,9}(?:\.\d{1,9})?)([KMGT]i?B)$/.exec(text.trim());
  if (!found) throw new Error(`must be a size like 500MB or 1GiB, not ${JSON.stringify(text)}`);
  const bytes = Math.floor(Number(found[1]) * UNITS[found[2]!]!);
  if (bytes < least) throw new Error(`must not be less than ${least / 2 ** 20}MiB`);
  return bytes;
}
