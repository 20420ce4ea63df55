/** Where text may be cut: not inside what a reader takes for one character, such as a flag, a family or a letter with its accent. Pure. */

/** Below this nothing joins what stands before it. */
const FIRST_JOINING = 0x300;
/** A character of more code units may be cut: text that is one single endless one has to end somewhere. */
const LONGEST = 64;
/** How far a row of such characters is followed back to its beginning. */
const FURTHEST_BACK = 4_096;

let segmenter: Intl.Segmenter | undefined;

/** The last place up to `at` that is between two characters; never inside a surrogate pair. */
export function cutBefore(text: string, at: number): number {
  if (at <= 0 || at >= text.length) return Math.max(0, Math.min(at, text.length));
  if (text.charCodeAt(at) < FIRST_JOINING && text.charCodeAt(at - 1) < FIRST_JOINING) return at;
  // From a plain character on: in a row of flags it matters where one begins.
  let from = at - 1;
  while (from > 0 && at - from < FURTHEST_BACK && text.charCodeAt(from) >= FIRST_JOINING) from -= 1;
  segmenter ??= new Intl.Segmenter();
  const near = segmenter.segment(text.slice(from, at + LONGEST)).containing(at - from);
  const start = from + (near?.index ?? 0);
  if (at - start < LONGEST) return start;
  return isInPair(text, at) ? at - 1 : at;
}

/** The first place from `at` on that is between two characters. */
export function cutAfter(text: string, at: number): number {
  for (let end = at; end <= text.length && end - at < LONGEST; end++) {
    if (cutBefore(text, end) === end) return end;
  }
  return isInPair(text, at) ? at + 1 : at;
}

/** Whether the two halves of one code point stand before and behind this place. */
const isInPair = (text: string, at: number): boolean =>
  /^[\ud800-\udbff][\udc00-\udfff]$/.test(text.slice(at - 1, at + 1));
