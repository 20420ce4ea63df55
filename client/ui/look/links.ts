/** Finds web addresses in a text of strangers. Pure, and in one pass: a text of any length costs its length. */

export interface LinkInText {
  readonly from: number;
  readonly to: number;
  readonly href: string;
  /** The host it leads to, where the text spells that in another way; null nearly always. */
  readonly leadsTo: string | null;
}

/** A text with more of them than anybody follows keeps the rest as text. */
const MOST_LINKS = 200;
const LONGEST_ADDRESS = 2_048;
export const NO_LINKS: readonly LinkInText[] = [];

const SCHEME = /(?<![a-z0-9])https?:\/\//gi;
/** The characters that RFC 3986, section 2, allows in an address, and the brackets that people put into one. */
const ASCII_PART = asciiTable(/[\w\-.~:/?#@!$&'*+,;=%()[\]{}]/);
/** Those of them that mean more than themselves. */
const ASCII_SPECIAL = asciiTable(/[()[\]{}',;&]/);
const LETTER = /[\p{L}\p{N}\p{M}]/u;
/** Nobody sees it, it turns the order of others round, or it says that something was cut. */
const TRICK = /[\p{C}\p{Default_Ignorable_Code_Point}\ufffd…]/u;
const HOST =
  /^(?:[\p{L}\p{N}\p{M}](?:[\p{L}\p{N}\p{M}\-_.]*[\p{L}\p{N}\p{M}.])?|\[[\da-f:.]+\])(?::\d*)?$/iu;
const OPENINGS: Readonly<Record<string, string>> = { ")": "(", "]": "[", "}": "{" };
/** A mark behind an address rather than its last character. */
const BEHIND = new Set(".,;:!?'*_~([{");
const ESCAPED_MARK = /&(?:quot|apos|[lg]t|#39|#34);/iy;

/**
 * The addresses in a text, in order and apart. What could mislead is no link: a name before the host, or characters that nobody sees.
 * `isCut`: the text goes on elsewhere, so that an address at its end may not be whole.
 */
export function linksIn(text: string, isCut = false): readonly LinkInText[] {
  // Most lines have none, and must cost nothing.
  if (!text.includes("://")) return NO_LINKS;
  const found: LinkInText[] = [];
  SCHEME.lastIndex = 0;
  while (found.length < MOST_LINKS) {
    const match = SCHEME.exec(text);
    if (!match) break;
    const from = match.index;
    const end = endOf(text, from + match[0].length, text[from - 1]);
    // Also where it is none: what stands in it is not looked at again.
    SCHEME.lastIndex = end;
    if (isTrick(text, end) || (isCut && end === text.length)) continue;
    const link = linkAt(text, from, withoutMarks(text, from, end));
    if (link) found.push(link);
  }
  return found;
}

/** The address a program gave with OSC 8 as one that may be followed; null where it may not. */
export function safeAddress(text: string): URL | null {
  const url = text.length > LONGEST_ADDRESS ? null : parsed(text);
  if (url === null) return null;
  const isWeb = url.protocol === "https:" || url.protocol === "http:";
  return isWeb && url.username === "" && url.password === "" ? url : null;
}

/** Looks like the name of a host. */
const SHOWN_HOST = /[\p{L}\p{N}][\p{L}\p{N}\-.]*\.\p{L}{2,}/u;
const MOST_SHOWN = 256;

/** The host that a link leads to, where its text looks like another one; else null. */
export function otherHost(shown: string, href: string): string | null {
  const host = SHOWN_HOST.exec(shown.slice(0, MOST_SHOWN))?.[0].toLowerCase();
  const url = new URL(href);
  return host === undefined || host === url.hostname ? null : url.host;
}

function linkAt(text: string, from: number, to: number): LinkInText | null {
  const address = text.slice(from, to);
  const host = hostIn(address);
  if (!HOST.test(host)) return null;
  const url = safeAddress(address);
  if (!url) return null;
  const shown = host.replace(/:\d*$/, "").toLowerCase();
  return { from, to, href: url.href, leadsTo: shown === url.hostname ? null : url.host };
}

/** Asking first whether it can be parsed would cost as much as doing it. */
function parsed(address: string): URL | null {
  try {
    return new URL(address);
  } catch {
    return null;
  }
}

function hostIn(address: string): string {
  const start = address.indexOf("://") + 3;
  const length = address.slice(start).search(/[/?#]/);
  return length === -1 ? address.slice(start) : address.slice(start, start + length);
}

/** Where an address ends at the latest: at what cannot be in one, or at a bracket that nothing in it opened. */
function endOf(text: string, start: number, before: string | undefined): number {
  const open: Record<string, number> = { "(": 0, "[": 0, "{": 0 };
  let at = start;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code >= 128) {
      const letter = String.fromCodePoint(text.codePointAt(at)!);
      if (TRICK.test(letter) || !LETTER.test(letter)) break;
      at += letter.length - 1;
      continue;
    }
    if (!ASCII_PART[code]) break;
    if (!ASCII_SPECIAL[code]) continue;
    const letter = text[at]!;
    if (letter in open) open[letter]! += 1;
    const opening = OPENINGS[letter];
    if (opening !== undefined && open[opening]!-- === 0) break;
    if (letter === "'" && before === "'") break;
    // One address behind the other.
    if ((letter === "," || letter === ";") && /^https?:/i.test(text.slice(at + 1, at + 7))) break;
    if (letter === "&" && isEscapedMark(text, at)) break;
  }
  return at;
}

function withoutMarks(text: string, from: number, end: number): number {
  let to = end;
  while (to > from && BEHIND.has(text[to - 1]!)) to -= 1;
  return to;
}

function isEscapedMark(text: string, at: number): boolean {
  ESCAPED_MARK.lastIndex = at;
  return ESCAPED_MARK.test(text);
}

function isTrick(text: string, at: number): boolean {
  const code = text.codePointAt(at);
  if (code === undefined || (code >= 9 && code <= 13)) return false;
  return TRICK.test(String.fromCodePoint(code));
}

function asciiTable(part: RegExp): readonly boolean[] {
  return Array.from({ length: 128 }, (_, code) => part.test(String.fromCharCode(code)));
}
