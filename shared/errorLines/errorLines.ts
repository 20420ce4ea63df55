/** Judges what a line of output says of errors: one judgement for the server's headline and for what the page marks. Pure. */

import { parseMarker } from "../markers.js";
import {
  CLEANERS,
  CONSEQUENCES,
  type Form,
  NOTHING,
  STATEMENTS,
  TOOL_FIRST,
  TOOL_SAYS,
  WARNING,
} from "./errorForms.js";
import { createWordSieve } from "./wordSieve.js";

export type LineKind =
  /** Its form is that of a tool that says what went wrong. */
  | "statement"
  /** Only its words say that something may have gone wrong. */
  | "words"
  /** Something failed, and what it was stands elsewhere: `make: *** [all] Error 1`. */
  | "consequence"
  /** An error after which the tool goes on, as it says itself. */
  | "survived"
  | "warning";

export interface JudgedLine extends Pick<Form, "isOfMany" | "goesOn"> {
  readonly kind: LineKind;
  /** The name of its form. */
  readonly form: string;
}

/** A longer line is looked at only at its beginning. */
const MOST_CHARACTERS = 600;

/** The kind of a line without escape sequences; null for all that looks like no error. */
export function judgeLine(line: string): JudgedLine | null {
  const marker = line.startsWith("::") ? parseMarker(line) : null;
  if (marker) return marker.kind === "error" ? { kind: "statement", form: "marker" } : null;
  const near = line.length > MOST_CHARACTERS ? line.slice(0, MOST_CHARACTERS) : line;
  if (!mayFit(near) && !OPENINGS.test(near)) return null;
  if (HARMLESS.test(near)) return null;
  const bare = bareLine(near);
  if (WARNING.test(bare)) return { kind: "warning", form: "warning" };
  const judged = judgedByForm(bare);
  return judged && SURVIVED.test(bare) ? { ...judged, kind: "survived" } : judged;
}

/** Whether somebody who asks what went wrong wants to see the line. */
export function looksLikeError(line: string): boolean {
  const kind = judgeLine(line)?.kind;
  return kind === "statement" || kind === "words" || kind === "consequence";
}

/** As what a line may be coloured; null for most. Words alone are not enough. */
export function severityOf(line: string): "error" | "warning" | null {
  switch (judgeLine(line)?.kind) {
    case "statement":
    case "consequence":
      return "error";
    case "survived":
    case "warning":
      return "warning";
    case "words":
    case undefined:
      return null;
  }
}

const MOST_PREFIXES = 4;
const PREFIX =
  /^(?:[\d\s.kMG:-]{20,}(?=curl: \()|\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?[\d.,]*(?:Z|[+-]\d\d:?\d\d)?\]?(?: -)?\s+|\[?\d\d:\d\d:\d\d[\d.,]*\]?\s+|#\d+ (?:\d+\.\d+ )?|\d+\.\d+ (?=npm |E: |ERROR|error)|[a-z][\w.-]*-\d+\s+\| |[│┃╷|]\s+|[×✖✗✘❌✕⨯]\s*|##\[error\])/;

/** Without what others put in front of a tool's line: times, `#8 1.2` of a build, `web-1  |`, frames and crosses. */
export function bareLine(line: string): string {
  let bare = line.trim();
  for (let left = MOST_PREFIXES; left > 0; left--) {
    const next = bare.replace(PREFIX, "");
    if (next === bare || next === "") return bare;
    bare = next;
  }
  return bare;
}

/** Without one of these, and none of the openings, no form and no word fits: most lines cost only this. */
const mayFit = createWordSieve(
  [
    "erro err: err! err_ fail fatal panic exception traceback denied refused reject cannot can't could unable",
    "permi exist timed unreach read-only abort assert killed fault memory busy broken conflict undefined",
    "unbound unexpected invalid illegal unrecogni unknown missing require already severe critical emerg alert",
    "giving gave warn curl: rsync died crash reset down director empty many long exit ssh: scp: sftp kex_",
    "client_loop banner closed verification owner terminate wget: wrong .go: instruction stale process space",
    "substitution interpreter thread unauthorized forbidden parameter syntax recognized format",
  ]
    .join(" ")
    .split(" ")
    .concat([
      "not found",
      "can not",
      "no such",
      "no route",
      "not set",
      "not ok",
      "not look",
      "*** ",
    ]),
);
const OPENINGS = /^\s*(?:[EF]\d{4} |[EW]: |E {3,}|[●✖✘!] ?\S|\[)/;

/** Tests that passed, what a shell is about to run, a question of a build, a counter that stands at nothing. */
const HARMLESS = new RegExp(
  [
    String.raw`^\s*(?:[✓✔√✅☑]|ok \d|PASS(?:ED)?\b|--- PASS|\++ |\$ |checking (?:for|whether|if) |-- )`,
    String.raw`(?:\.\.\. ?ok|\bPASSED|\bpassed)\s*$`,
    String.raw`^\W*(?:errors?|failures?|failed|fatals?|exceptions?)["']?\s*[:=]\s*${NOTHING}$`,
  ].join("|"),
  "i",
);

const SURVIVED =
  /\(ignored\)|\bignoring\b|\bnon-?fatal\b|\bretrying\b|\bwill (?:be )?(?:retry|retried|try again)\b|\bcontinuing\b|\bfalling back\b|\bskipping\b/i;

function judgedByForm(bare: string): JudgedLine | null {
  const consequence = CONSEQUENCES.find(({ fits }) => fits.test(bare));
  if (consequence) return { kind: "consequence", form: consequence.name };
  const { fits: _, name: form, ...said } = STATEMENTS.find(({ fits }) => fits.test(bare)) ?? {};
  if (form !== undefined) return { kind: "statement", form, ...said };
  const tool = TOOL_FIRST.exec(bare)?.[1];
  if (tool !== undefined && TOOL_SAYS.test(bare))
    return { kind: CLEANERS.test(tool) ? "words" : "statement", form: `tool ${tool}` };
  return hasWords(bare) ? { kind: "words", form: "words" } : null;
}

const WORDS =
  /(?<![\w./\\@=&?~$%-])(?:errors?|fail(?:ed|ures?|s)?|fatal|panic(?:ked)?|exceptions?|traceback|segfault|denied|refused|rejected|aborted|aborting|cannot|can't|could not|couldn't|unable to|not found|no such|no space left|(?:does not|doesn't) exist|not permitted|timed out|unreachable|giving up|gave up|died|crashed)(?![\w/\\@(=]|-\w|\.\w|::)/gi;
/** `0 errors`, `without failures`, `if it fails`, `on error`, `"error"`. */
const NO_BEFORE =
  /(?:\b(?:0|no|zero|without|any|never|not an?|on|upon|if|whether|when|unless|until|in case of|for|to|of|handles?|handling|catch(?:es)?|ignor\w+|expect\w*|may|might|can|could|would|should)\s+(?:[\w']+[ -]){0,2}|["'`])$/i;
const NO_AFTER = new RegExp(
  String.raw`^(?:["'\x60]|\s*[:=]\s*${NOTHING}(?:$|[\s,;)])|\s*\(0\)|\s+(?:v?\d+\.\d|handl\w+|rates?\b|reporting|pages?\b|boundar\w+|correction|logs?\b|logging|tracking|messages\b|codes\b|types?\b|class(?:es)?\b|counts?\b|budget|tests?\b|modes?\b|recovery|polic\w+|over\b))`,
  "i",
);
const NAME = /(?<![\w/\\-])(?:[a-z]\w*\.)*[A-Z][A-Za-z]+(?:Error|Exception)\b(?![\w(./-])/;
const MOST_WORDS = 8;
const AROUND = 40;

function hasWords(bare: string): boolean {
  if (NAME.test(bare)) return true;
  let left = MOST_WORDS;
  for (const { index, 0: word } of bare.matchAll(WORDS)) {
    const before = bare.slice(Math.max(0, index - AROUND), index);
    const after = bare.slice(index + word.length, index + word.length + AROUND);
    if (!NO_BEFORE.test(before) && !NO_AFTER.test(after)) return true;
    left -= 1;
    if (left === 0) break;
  }
  return false;
}
