/** Output as plain lines for a moment's look: no colours, no cursor that moves. The page's log reads it as a terminal does. Pure. */

/** Colours and moves, titles and links, and the short ones. */
const SEQUENCES =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this looks for
  /\x1b(?:\[[ -?]*[@-~]?|[\]PX^_][^\x07\x1b\n]*(?:\x07|\x1b\\)?|[ -/]*[0-~]?)/g;
/** A line that is written again, up to its newest beginning; and what shows nothing. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: see above
const UNSHOWN = /.*\r(?!\n|$)|[\x00-\x08\x0b-\x1f\x7f-\x9f]/gm;
/** A word to the server. */
const MARKER = /^::[a-z]+[ \w-]*(?:::| )/;

/** Without those by which a command says something to the server. An end that has not come makes no line of its own. */
export const plainLines = (output: string): string[] =>
  output
    .replace(SEQUENCES, "")
    .replace(UNSHOWN, "")
    .split("\n")
    .filter((line, index, { length }) => !MARKER.test(line) && (line !== "" || index < length - 1));
