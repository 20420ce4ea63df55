/** Finds in the text of a JSON document what its parsed value has lost: numbers that JavaScript does not keep, keys that stand twice. */
import { keepsNumber } from "../../../shared/json/numbers.js";

export interface JsonScan {
  /** How many members its objects have, those included that a later one of the same name replaced. */
  readonly members: number;
  /** Where the first number begins that JavaScript does not keep; null where there is none. */
  readonly lossyNumber: number | null;
}

/** One pass without recursion. The text must be JSON. */
export function scanJson(text: string): JsonScan {
  let members = 0;
  let at = 0;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at);
    else if (isNumberStart(code)) {
      const end = endOfNumber(text, at);
      if (!isSurelyKept(text, at, end) && !keepsNumber(text.slice(at, end)))
        return { members, lossyNumber: at };
      at = end;
    } else {
      if (code === COLON) members += 1;
      at += 1;
    }
  }
  return { members, lossyNumber: null };
}

type Path = readonly (string | number)[];

/** The place of the value that begins at an offset. */
export function pathAt(text: string, offset: number): Path {
  return walk(text, (at) => at === offset) ?? [];
}

/** The place of the first member whose name stands in its object already; null where there is none. */
export function repeatedKey(text: string): Path | null {
  return walk(text, (_at, isRepeated) => isRepeated);
}

interface Container {
  /** The names so far, where it is an object. */
  readonly names: Set<string> | null;
  key: string | number;
  isRepeated: boolean;
}

/** The place of the first value that is the one; null where none is. */
function walk(text: string, isIt: (offset: number, isRepeated: boolean) => boolean): Path | null {
  const open: Container[] = [];
  const path = () => open.map(({ key }) => key);
  let at = 0;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    const inside = open.at(-1);
    if (code === COMMA) {
      if (inside && typeof inside.key === "number") inside.key += 1;
      at += 1;
    } else if (code === CLOSE_OBJECT || code === CLOSE_ARRAY) {
      open.pop();
      at += 1;
    } else if (isBetween(code)) {
      at += 1;
    } else {
      const end = code === QUOTE ? endOfString(text, at) : at + 1;
      if (code === QUOTE && inside?.names && isName(text, end)) {
        const name = JSON.parse(text.slice(at, end)) as string;
        inside.isRepeated = inside.names.has(name);
        inside.names.add(name);
        inside.key = name;
      } else {
        if (isIt(at, inside?.isRepeated === true)) return path();
        if (code === OPEN_OBJECT) open.push({ names: new Set(), key: "", isRepeated: false });
        if (code === OPEN_ARRAY) open.push({ names: null, key: 0, isRepeated: false });
      }
      at = isNumberStart(code) ? endOfNumber(text, at) : end;
    }
  }
  return null;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;

const isDigit = (code: number): boolean => code >= ZERO && code <= NINE;
const isNumberStart = (code: number): boolean => code === MINUS || isDigit(code);
const isBetween = (code: number): boolean => code <= 0x20 || code === COLON;

/** Behind the closing quote. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); ; end = text.indexOf('"', end + 1)) {
    if (end === -1) return text.length;
    let escapes = 0;
    while (text.charCodeAt(end - 1 - escapes) === BACKSLASH) escapes += 1;
    if (escapes % 2 === 0) return end + 1;
  }
}

function endOfNumber(text: string, start: number): number {
  let end = start + 1;
  for (; end < text.length; end++) {
    const code = text.charCodeAt(end);
    // Digits, and + - . e E in the one order that JSON allows.
    if (!isDigit(code) && code !== 0x2b && code !== MINUS && code !== 0x2e && (code | 32) !== 0x65)
      break;
  }
  return end;
}

/** At most 15 digits, far from the ends of a double's range: no digit of it can be lost. */
function isSurelyKept(text: string, start: number, end: number): boolean {
  const longest = Math.min(end, start + 16);
  for (let at = start; at < longest; at++) {
    if ((text.charCodeAt(at) | 32) !== 0x65) continue;
    const sign = text.charCodeAt(at + 1);
    const digits = end - at - (sign === 0x2b || sign === MINUS ? 2 : 1);
    return digits < 3 || (digits === 3 && text.charCodeAt(end - 3) <= 0x31);
  }
  return end - start <= 15;
}

/** Whether a colon follows. */
function isName(text: string, end: number): boolean {
  let at = end;
  while (text.charCodeAt(at) <= 0x20) at += 1;
  return text.charCodeAt(at) === COLON;
}
