/** Lines by which a command says more than text: `::progress 42::Copying models`. Plain text, so that they also work over ssh. */

export const TASK_STATUSES = ["pending", "in_progress", "completed", "failed", "skipped"] as const;
export type TaskStatus = (typeof TASK_STATUSES)[number];

export type Marker =
  /** `percent` 0 to 100. */
  | { readonly kind: "progress"; readonly percent: number; readonly text: string }
  | {
      readonly kind: "task";
      readonly status: TaskStatus;
      readonly name: string;
      readonly note?: string;
    }
  | { readonly kind: "group"; readonly title: string }
  | { readonly kind: "endgroup" }
  | { readonly kind: "note"; readonly text: string }
  /** Why the command is about to fail, for people. */
  | { readonly kind: "error"; readonly text: string }
  /** A value that the step hands on: exactly the text behind the `=`. */
  | { readonly kind: "output"; readonly name: string; readonly value: string };

/** How a line begins by which a command hands something on: `::output version=1.4`. */
export const OUTPUT_MARKER = "::output ";

/** A longer line is output and nothing else. */
export const MOST_MARKER_CHARACTERS = 4_096;
const OUTPUT = /^ *([A-Za-z_][A-Za-z0-9_]{0,63})=(.*)$/s;
const PERCENT = /^\d{1,3}(\.\d{1,10})?%?$/;

/** A whole line, without its end. Null for everything that is not exactly a marker: that is a line like any other. */
export function parseMarker(line: string): Marker | null {
  if (!line.startsWith("::") || line.length > MOST_MARKER_CHARACTERS) return null;
  if (line.startsWith(OUTPUT_MARKER)) return output(line.slice(OUTPUT_MARKER.length));
  const end = line.indexOf("::", 2);
  if (end === -1) return null;
  const [word, ...arguments_] = line
    .slice(2, end)
    .split(" ")
    .filter((part) => part !== "");
  const text = line.slice(end + 2).trim();
  const argument = arguments_.length === 1 ? arguments_[0]! : null;
  switch (word) {
    case "progress":
      return progress(argument, text);
    case "task":
      return task(argument, text);
    case "note":
      return arguments_.length === 0 && text !== "" ? { kind: "note", text } : null;
    case "error":
      return arguments_.length === 0 && text !== "" ? { kind: "error", text } : null;
    case "group":
      return arguments_.length === 0 && text !== "" ? { kind: "group", title: text } : null;
    case "endgroup":
      return arguments_.length === 0 && text === "" ? { kind: "endgroup" } : null;
    default:
      return null;
  }
}

/** A line read as text, a marker, or both, where the marker stands behind a bar. */
export interface SpokenLine {
  readonly text: string;
  readonly marker: Marker | null;
}

const WORD_BEHIND_BAR = /::(?:progress|task|note|error)[ :]/;
/** A bar counts how far it is. */
const BAR = /\d ?%|\d ?\/ ?\d/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: a bar may be coloured
const COLOUR = /\u001b\[[\d;]{0,32}m/g;
/** Characters that stand before such a word in a quotation, a name or a program's text. */
const QUOTES = /[A-Za-z_"'`=(:\\]$|\b(?:echo|printf?)\b/;

/**
 * A line without its end. Both streams of a command share one: a marker printed on one while a progress bar is drawn on the other
 * comes behind the bar. What is handed on is never taken from there, as text of others may stand in such a line.
 */
export function spokenLine(line: string): SpokenLine {
  if (line.startsWith("::")) {
    const marker = parseMarker(line);
    return { text: marker === null ? line : "", marker };
  }
  const at = line.length > MOST_MARKER_CHARACTERS ? -1 : line.search(WORD_BEHIND_BAR);
  const bar = line.slice(0, Math.max(0, at));
  const isBar = BAR.test(bar) && !QUOTES.test(bar.replace(COLOUR, ""));
  const marker = isBar ? parseMarker(line.slice(at)) : null;
  return { text: marker === null ? line : bar, marker };
}

function output(text: string): Marker | null {
  const [, name, value] = OUTPUT.exec(text) ?? [];
  return name === undefined || value === undefined ? null : { kind: "output", name, value };
}

function progress(argument: string | null, text: string): Marker | null {
  if (argument === null || !PERCENT.test(argument)) return null;
  const percent = Number.parseFloat(argument);
  return percent <= 100 ? { kind: "progress", percent, text } : null;
}

/** `running` is what people write. */
function task(argument: string | null, text: string): Marker | null {
  const status = argument === "running" ? "in_progress" : argument;
  if (!isTaskStatus(status)) return null;
  const [name = "", ...rest] = text.split("::");
  const note = rest.join("::").trim();
  if (name.trim() === "") return null;
  return { kind: "task", status, name: name.trim(), ...(note === "" ? {} : { note }) };
}

const isTaskStatus = (word: string | null): word is TaskStatus =>
  (TASK_STATUSES as readonly (string | null)[]).includes(word);
