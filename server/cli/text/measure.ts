/** How wide text is in a terminal. Most of it is ASCII, for which nothing has to be loaded. */

/** Text here has no escape sequences and no line ends: it is printable already, and not painted yet. */
export interface Measure {
  /** In cells: a Chinese character or an emoji takes two, a combining mark none. */
  cells(text: string): number;
  /** As many whole characters from its beginning as fit into so many cells. */
  head(text: string, cells: number): string;
}

const OF_ASCII: Measure = {
  cells: (text) => text.length,
  head: (text, cells) => text.slice(0, Math.max(0, cells)),
};

/** One that is right for these texts and for whatever is cut off them. */
export async function measureFor(texts: Iterable<string>): Promise<Measure> {
  for (const text of texts) if (!isAscii(text)) return (await import("./cells.js")).inCells;
  return OF_ASCII;
}

/** The … of text that was cut before is one cell wide, as are our own signs. */
export const isAscii = (text: string): boolean => /^[\u0020-\u007e…·]*$/.test(text);

/** At most so many cells of it, with … in the last where something is missing. */
export const cut = (text: string, cells: number, measure: Measure): string =>
  measure.cells(text) <= cells ? text : `${measure.head(text, cells - 1)}…`;

export function padded(text: string, cells: number, measure: Measure): string {
  return text + " ".repeat(Math.max(0, cells - measure.cells(text)));
}

/** As lines of so many cells at most, broken between words; a word that is wider than a line is broken where the line ends. */
export function wrapped(text: string, cells: number, measure: Measure): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (measure.cells(longer) <= cells) {
      line = longer;
      continue;
    }
    if (line !== "") lines.push(line);
    line = word;
    while (measure.cells(line) > cells) {
      const part = measure.head(line, cells);
      if (part === "") break;
      lines.push(part);
      line = line.slice(part.length);
    }
  }
  lines.push(line);
  return lines;
}
