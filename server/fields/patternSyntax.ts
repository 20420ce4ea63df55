/** Patterns that others write: the part of ECMAScript's regular expressions that can be matched in linear time, said in RE2's syntax. Pure. */
import type { AST, RegExpParser } from "@eslint-community/regexpp";
import { re2js, regexpp } from "./patternPackages.js";

/** A pattern in RE2's syntax, or the reason why it has none. */
export type TranslatedPattern =
  | {
      readonly ok: true;
      /** The same language in RE2's syntax; of its groups, only the first captures. */
      readonly re2: string;
      /** At least as many instructions as the compiled program has. */
      readonly size: number;
      readonly groups: number;
    }
  /** A predicate: "must not use …, at character 3". Characters count from 1. */
  | { readonly ok: false; readonly why: string };

/** A longer pattern is refused unread. */
export const MOST_PATTERN_CHARACTERS = 1_000;
export const MOST_INSTRUCTIONS = 2_500;
/** RE2's own bound, also for repetitions inside repetitions. */
const MOST_REPETITIONS = 1_000;
/** A table of Unicode weighs more than one character. */
const PROPERTY_SIZE = 50;
const TOO_LARGE = `is too large: its repetitions, written out, are more than ${MOST_INSTRUCTIONS} characters`;

const EVERYTHING = String.raw`\x{0}-\x{10ffff}`;
const SPACE = String.raw`\t-\r \x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff}`;
const NO_SPACE = String.raw`\x{0}-\x{8}\x{e}-\x{1f}!-\x{9f}\x{a1}-\x{167f}\x{1681}-\x{1fff}\x{200b}-\x{2027}\x{202a}-\x{202e}\x{2030}-\x{205e}\x{2060}-\x{2fff}\x{3001}-\x{fefe}\x{ff00}-\x{10ffff}`;
const NO_LINE_END = String.raw`[^\n\r\x{2028}\x{2029}]`;

let parser: RegExpParser | null = null;

/** `source` as `new RegExp(source, "u")` takes it. Never throws; costs no more than a small factor of its length. */
export function translatePattern(source: string): TranslatedPattern {
  if (source.length > MOST_PATTERN_CHARACTERS) {
    return { ok: false, why: `must not be longer than ${MOST_PATTERN_CHARACTERS} characters` };
  }
  const { RegExpParser, RegExpSyntaxError } = regexpp();
  parser ??= new RegExpParser({ ecmaVersion: 2024 });
  try {
    const { alternatives } = parser.parsePattern(source, 0, source.length, { unicode: true });
    const translation = new Translation();
    const { re2, size } = translation.disjunction(alternatives);
    if (size > MOST_INSTRUCTIONS) return { ok: false, why: TOO_LARGE };
    return { ok: true, re2, size: size + 2, groups: translation.groups };
  } catch (error) {
    if (error instanceof Unusable) return { ok: false, why: `${error.message}${at(error.start)}` };
    if (!(error instanceof RegExpSyntaxError)) throw error;
    const reason = error.message.slice(error.message.lastIndexOf(": ") + 2);
    return {
      ok: false,
      why: `is not a regular expression: ${reason}${at(Math.min(error.index, source.length - 1))}`,
    };
  }
}

const at = (index: number): string => `, at character ${Math.max(0, index) + 1}`;

class Unusable extends Error {
  readonly start: number;

  constructor(why: string, { start }: AST.Node) {
    super(why);
    this.start = start;
  }
}

interface Piece {
  readonly re2: string;
  readonly size: number;
}

class Translation {
  groups = 0;

  disjunction(alternatives: readonly AST.Alternative[]): Piece {
    const pieces = alternatives.map(({ elements }) => this.#sequence(elements));
    return {
      re2: pieces.map(({ re2 }) => re2).join("|"),
      size: total(pieces) + pieces.length - 1,
    };
  }

  #sequence(elements: readonly AST.Element[]): Piece {
    const pieces = elements.map((element) => this.#element(element));
    return { re2: pieces.map(({ re2 }) => re2).join(""), size: total(pieces) + 1 };
  }

  #element(element: AST.Element): Piece {
    switch (element.type) {
      case "Assertion":
        return assertion(element);
      case "Quantifier":
        return this.#repeated(element);
      case "CapturingGroup": {
        this.groups += 1;
        const opening = this.groups === 1 ? "(" : "(?:";
        const { re2, size } = this.disjunction(element.alternatives);
        return { re2: `${opening}${re2})`, size: size + 2 };
      }
      case "Group": {
        if (element.modifiers) throw new Unusable("must not use modifiers", element);
        const { re2, size } = this.disjunction(element.alternatives);
        return { re2: `(?:${re2})`, size };
      }
      case "Character":
        return { re2: character(element.value), size: 1 };
      case "CharacterSet":
        return element.kind === "any"
          ? { re2: NO_LINE_END, size: 1 }
          : { re2: `[${setOf(element)}]`, size: sizeOf(element) };
      case "CharacterClass":
        return characterClass(element);
      case "Backreference":
        throw new Unusable(`must not use a back-reference (${element.raw})`, element);
      case "ExpressionCharacterClass":
        throw new Unusable("must not use operations on classes", element);
    }
  }

  #repeated(quantifier: AST.Quantifier): Piece {
    const { min, max, greedy, element } = quantifier;
    if (!isRepeatable(quantifier, MOST_REPETITIONS)) {
      throw new Unusable(`must not repeat more than ${MOST_REPETITIONS} times`, quantifier);
    }
    const { re2, size } = this.#element(element);
    const isEndless = max === Number.POSITIVE_INFINITY;
    const bounds = isEndless ? `{${min},}` : min === max ? `{${min}}` : `{${min},${max}}`;
    const often = isEndless && min < 2 ? (min === 0 ? "*" : "+") : bounds;
    const piece = {
      re2: `(?:${re2})${often}${greedy ? "" : "?"}`,
      size: isEndless ? size * (min + 1) + 2 : (size + 1) * max + 1,
    };
    if (piece.size > MOST_INSTRUCTIONS) {
      throw new Unusable(TOO_LARGE, quantifier);
    }
    return piece;
  }
}

/** As RE2 counts: a repetition of repetitions repeats as often as both together. */
function isRepeatable(element: AST.Element, most: number): boolean {
  switch (element.type) {
    case "Quantifier": {
      const { min, max } = element;
      const times = max === Number.POSITIVE_INFINITY ? min : max;
      if (times > most) return false;
      return isRepeatable(element.element, times > 0 ? Math.floor(most / times) : most);
    }
    case "Group":
    case "CapturingGroup":
      return element.alternatives.every(({ elements }) =>
        elements.every((inner) => isRepeatable(inner, most)),
      );
    case "Assertion":
    case "Character":
    case "CharacterSet":
    case "CharacterClass":
    case "Backreference":
    case "ExpressionCharacterClass":
      return true;
  }
}

function assertion(element: AST.Assertion): Piece {
  switch (element.kind) {
    case "start":
      return { re2: String.raw`\A`, size: 1 };
    case "end":
      return { re2: String.raw`\z`, size: 1 };
    case "word":
      return { re2: element.negate ? String.raw`\B` : String.raw`\b`, size: 1 };
    case "lookahead":
    case "lookbehind": {
      const opening = element.raw.slice(0, element.kind === "lookahead" ? 3 : 4);
      throw new Unusable(`must not use a ${element.kind}, ${opening}…)`, element);
    }
  }
}

function characterClass(element: AST.CharacterClass): Piece {
  const { negate, elements } = element;
  // `[]` fits nothing and `[^]` everything: RE2 knows neither.
  if (elements.length === 0) {
    return { re2: negate ? `[${EVERYTHING}]` : `[^${EVERYTHING}]`, size: 1 };
  }
  const parts = elements.map(classPart);
  const inside = parts.map(({ re2 }) => re2).join("");
  return { re2: `[${negate ? "^" : ""}${inside}]`, size: total(parts) + 1 };
}

function classPart(part: AST.CharacterClassElement): Piece {
  switch (part.type) {
    case "Character":
      return { re2: character(part.value), size: 0 };
    case "CharacterClassRange":
      return { re2: `${character(part.min.value)}-${character(part.max.value)}`, size: 0 };
    case "CharacterSet":
      return { re2: setOf(part), size: sizeOf(part) - 1 };
    case "CharacterClass":
    case "ExpressionCharacterClass":
    case "ClassStringDisjunction":
      throw new Unusable("must not use classes inside classes", part);
  }
}

type SetOfCharacters = AST.EscapeCharacterSet | AST.UnicodePropertyCharacterSet;

const sizeOf = ({ kind }: SetOfCharacters): number => (kind === "property" ? PROPERTY_SIZE : 1);

/** The character as it stands between brackets. */
function setOf(element: SetOfCharacters): string {
  switch (element.kind) {
    case "digit":
      return element.negate ? String.raw`\D` : String.raw`\d`;
    case "word":
      return element.negate ? String.raw`\W` : String.raw`\w`;
    case "space":
      return element.negate ? NO_SPACE : SPACE;
    case "property": {
      const { key, value, negate } = element;
      const name = value ?? key;
      if ((value !== null && !KEYS.has(key)) || !isKnownTable(name)) {
        throw new Unusable(
          `must not use ${element.raw}; categories such as \\p{L} and scripts such as \\p{Script=Greek} are known`,
          element,
        );
      }
      return `\\${negate ? "P" : "p"}{${name}}`;
    }
  }
}

const KEYS: ReadonlySet<string> = new Set(["Script", "sc", "General_Category", "gc"]);
/** There are no more names than ECMAScript knows. */
const tables = new Map<string, boolean>();

/** RE2 has tables of categories by their short names and of scripts by their long ones. */
function isKnownTable(name: string): boolean {
  let isKnown = tables.get(name);
  if (isKnown === undefined) {
    const { RE2JS } = re2js();
    try {
      RE2JS.compile(`\\p{${name}}`);
      isKnown = true;
    } catch {
      isKnown = false;
    }
    tables.set(name, isKnown);
  }
  return isKnown;
}

const LITERAL = /^[A-Za-z0-9 _]$/;

const character = (value: number): string => {
  const plain = String.fromCodePoint(value);
  return LITERAL.test(plain) ? plain : `\\x{${value.toString(16)}}`;
};

const total = (pieces: readonly { readonly size: number }[]): number =>
  pieces.reduce((sum, { size }) => sum + size, 0);
