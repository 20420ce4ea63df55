/** Texts of others where only a line has room: the beginning, the end, and a sign that something is left out. */

/** `text` itself where it has at most `most` characters. Cuts no character in two. */
export function shortened(text: string, most: number): string {
  if (text.length <= most) return text;
  const endsAt = Math.floor((most * 3) / 4) - 1;
  const goesOnAt = text.length - Math.floor(most / 4);
  const head = text.slice(0, isInPair(text, endsAt) ? endsAt - 1 : endsAt);
  return `${head}…${text.slice(isInPair(text, goesOnAt) ? goesOnAt + 1 : goesOnAt)}`;
}

/** Whether the two halves of one character stand before and behind this place. */
const isInPair = (text: string, at: number): boolean =>
  /^[\ud800-\udbff][\udc00-\udfff]$/.test(text.slice(at - 1, at + 1));
