/** How many bytes values take as JSON, without making the text: asked again it is remembered, and it stops where enough is known. */

/** Below this, counting again costs less than remembering. */
const REMEMBERED_BYTES = 128;

export class JsonBytes {
  /** The sizes of containers; negative where at least so many bytes are known. */
  readonly #known = new Map<object, number>();

  of(value: unknown): number {
    return this.upTo(value, Number.POSITIVE_INFINITY);
  }

  /** The exact size where that is below `enough`; else any number from `enough` on, for no more work than that. */
  upTo(value: unknown, enough: number): number {
    if (typeof value !== "object" || value === null) return scalarBytes(value);
    const known = this.#known.get(value);
    if (known !== undefined && (known >= 0 || -known >= enough)) return Math.abs(known);
    const bytes = Array.isArray(value) ? this.#list(value, enough) : this.#record(value, enough);
    if (bytes >= REMEMBERED_BYTES) this.#known.set(value, bytes < enough ? bytes : -bytes);
    return bytes;
  }

  #list(list: readonly unknown[], enough: number): number {
    let bytes = 1 + Math.max(1, list.length);
    for (let i = 0; i < list.length && bytes < enough; i++)
      bytes += this.upTo(list[i], enough - bytes);
    return bytes;
  }

  #record(record: object, enough: number): number {
    let bytes = 1;
    for (const key of Object.keys(record)) {
      if (bytes >= enough) return bytes;
      const value = (record as Record<string, unknown>)[key];
      if (value === undefined) continue;
      bytes += textBytes(key) + 2;
      bytes += this.upTo(value, enough - bytes);
    }
    return Math.max(2, bytes);
  }
}

function scalarBytes(value: unknown): number {
  switch (typeof value) {
    case "string":
      return textBytes(value);
    case "number":
      return numberBytes(value);
    case "boolean":
      return value ? 4 : 5;
    default:
      return 4;
  }
}

function numberBytes(value: number): number {
  if (!Number.isInteger(value) || Math.abs(value) >= 1e15)
    return Number.isFinite(value) ? String(value).length : 4;
  let bytes = value < 0 ? 2 : 1;
  for (let rest = Math.abs(value); rest >= 10; rest /= 10) bytes += 1;
  return bytes;
}

/** A text as UTF-8, with its quotes and escapes. */
export function textBytes(text: string): number {
  const plain = 2 + text.length;
  return text.length > SHORT_CHARACTERS && PLAIN.test(text) ? plain : plain + moreBytes(text);
}

/** Up to here a look at each character costs less than a pattern. */
const SHORT_CHARACTERS = 16;

/** Letters, digits and what else takes one byte as it is. */
const PLAIN = /^[ !#-[\]-~]*$/;

/** The bytes beyond one for each UTF-16 unit. */
function moreBytes(text: string): number {
  let bytes = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 0x80) {
      if (code < 0x800) bytes += 1;
      else if (!isSurrogate(code)) bytes += 2;
      else if (isPair(code, text.charCodeAt(i + 1))) {
        bytes += 2;
        i += 1;
      } else bytes += 5;
    } else if (code < 0x20) bytes += SHORT_ESCAPES.has(code) ? 1 : 5;
    else if (code === 0x22 || code === 0x5c) bytes += 1;
  }
  return bytes;
}

/** \b \t \n \f \r */
const SHORT_ESCAPES: ReadonlySet<number> = new Set([8, 9, 10, 12, 13]);

const isSurrogate = (code: number): boolean => code >= 0xd800 && code <= 0xdfff;

const isPair = (high: number, low: number): boolean =>
  high < 0xdc00 && low >= 0xdc00 && low <= 0xdfff;
