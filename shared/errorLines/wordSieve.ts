/** Tells at little cost for each character that none of many words stands in a text. Pure. */

const LETTER_BITS = 5;
const LENGTH = 4;
const MASK = 2 ** (LETTER_BITS * LENGTH) - 1;
const LETTERS = 2 ** LETTER_BITS;

/** `false` is certain; `true` only says that the beginning of a word, or something much like it, stands there. In any case of letters. */
export function createWordSieve(words: readonly string[]): (text: string) => boolean {
  const marks = new Uint8Array((MASK + 1) / 8);
  const mark = (hash: number) => {
    marks[hash >> 3]! |= 1 << (hash & 7);
  };
  for (const word of words) {
    const begin = [...word.slice(0, LENGTH)].reduce(added, 0);
    if (word.length >= LENGTH) mark(begin);
    else for (let any = 0; any < LETTERS; any++) mark(((begin << LETTER_BITS) | any) & MASK);
  }
  return (text) => {
    let hash = 0;
    for (let at = 0; at < text.length; at++) {
      hash = ((hash << LETTER_BITS) | (text.charCodeAt(at) & (LETTERS - 1))) & MASK;
      if ((marks[hash >> 3]! >> (hash & 7)) & 1) return true;
    }
    return false;
  };
}

const added = (hash: number, letter: string): number =>
  ((hash << LETTER_BITS) | (letter.charCodeAt(0) & (LETTERS - 1))) & MASK;
