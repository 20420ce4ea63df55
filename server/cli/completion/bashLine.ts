/** A line as bash has it: split into words as bash would, and candidates written so that bash reads them as one word and runs nothing. Pure. */

export interface BashLine {
  /** Without quotes; the last one is being typed. */
  readonly words: readonly string[];
  /** The quote that is open at the end. */
  readonly quote: "" | '"' | "'";
  /** How much of the last word bash leaves as it is: it completes only what is behind the last `:` or `=`. */
  readonly stays: number;
}

/** `line` up to the cursor; `breaks` as in COMP_WORDBREAKS. */
export function splitBash(line: string, breaks: string): BashLine {
  const words: string[] = [];
  let word: string | null = null;
  let quote: BashLine["quote"] = "";
  let stays = 0;
  for (let at = 0; at < line.length; at++) {
    const character = line[at]!;
    const next = line[at + 1] ?? "";
    if (quote === "'" && character !== "'") word = `${word}${character}`;
    else if (quote === '"' && character === "\\" && '\\$"`'.includes(next)) {
      word = `${word}${next}`;
      at += 1;
    } else if (quote === '"' && character !== '"') word = `${word}${character}`;
    else if (character === quote) quote = "";
    else if (character === '"' || character === "'") {
      quote = character;
      word ??= "";
    } else if (character === "\\") {
      word = `${word ?? ""}${next}`;
      at += 1;
    } else if (/\s/.test(character)) {
      if (word !== null) words.push(word);
      word = null;
      stays = 0;
    } else {
      word = `${word ?? ""}${character}`;
      if (breaks.includes(character)) stays = word.length;
    }
  }
  return { words: [...words, word ?? ""], quote, stays: quote === "" ? stays : 0 };
}

/** The text that bash puts in place of the word; null where bash could take it for something to run. */
export function bashWord(value: string, { quote, stays }: BashLine): string | null {
  switch (quote) {
    case "'":
      return value.includes("'") ? null : value;
    case '"':
      // In an interactive shell `!` recalls commands, and no quote inside of these takes that away.
      return value.includes("!") ? null : value.replace(/[\\$"`]/g, "\\$&");
    case "":
      return value.slice(stays).replace(/[^A-Za-z0-9_./:=@%+,\-\u0080-\uffff]/g, "\\$&");
  }
}
