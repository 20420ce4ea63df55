/** Numbers as they are written down, and whether a JavaScript number keeps them. Pure and small, so that the page can ask, too. */

/** So many digits a double always gives back, while it is not close to the ends of its range. */
const SURE_DIGITS = 15;
const SMALLEST_NORMAL = 2 ** -1022;
/** More than `toPrecision` can give. */
const MOST_DIGITS = 100;

/**
 * Whether the number that a decimal text (as in JSON) stands for survives as a double: a whole number to its last digit, a fraction to
 * as many digits as are written, so that a double is kept however many of its digits somebody prints. For texts that are no
 * number at all it may say either.
 */
export function keepsNumber(source: string): boolean {
  const value = Number(source);
  if (String(value) === source && Number.isFinite(value)) return true;
  if (!Number.isFinite(value)) return false;
  const power = source.search(/e/i);
  const isShort = (power === -1 ? source.length : power) <= SURE_DIGITS;
  if (isShort && Math.abs(value) >= SMALLEST_NORMAL) return true;
  const written = decimalOf(source);
  if (written === null) return false;
  const { digits } = written;
  if (digits === "") return true;
  if (digits.length > MOST_DIGITS || value === 0) return false;
  const isWhole = !/[.eE]/.test(source);
  const kept = decimalOf(isWhole ? String(value) : value.toPrecision(digits.length));
  return kept?.digits === digits && kept.exponent === written.exponent;
}

interface Decimal {
  /** Without zeros at either end; empty for zero. */
  readonly digits: string;
  /** The power of ten of the last digit. */
  readonly exponent: number;
}

/** The value and not the way it is written: 1.50 is 15e-1 like 150e-2. The sign is left out. Null where it is no decimal. */
function decimalOf(source: string): Decimal | null {
  const match = /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(source);
  if (!match) return null;
  const [, whole = "", fraction = "", power = "0"] = match;
  const all = whole + fraction;
  let from = 0;
  let to = all.length;
  while (all[from] === "0") from += 1;
  while (to > from && all[to - 1] === "0") to -= 1;
  return {
    digits: all.slice(from, to),
    exponent: Number(power) - fraction.length + (all.length - to),
  };
}
