/** One definition for a person: its inputs, its steps, and the line that starts it. */
import type { DefinitionView } from "../../../client/index.js";
import type { Field } from "../../../shared/fields/fields.js";
import { formatDuration } from "../../../shared/text/duration.js";
import { printable } from "../../../shared/text/printable.js";
import { serverToName } from "../connecting/nameToOthers.js";
import { colorsFor } from "../display/stepLine.js";
import { fieldLines, inputWords } from "../printed/answerLines.js";
import { commandLine } from "../printed/calledAs.js";
import type { CliContext } from "../process/context.js";
import { type Measure, measureFor, padded, wrapped } from "../text/measure.js";

const CHARACTERS = 2_000;
/** A command that is cut is none any more. */
const LINE_CHARACTERS = 100_000;
/** Wider lines are hard to read. */
const MOST_COLUMNS = 100;

/** Ends with a line end. Broken between words where a terminal is narrower; the command is never broken. */
export async function definitionPage(
  definition: DefinitionView,
  url: string,
  context: CliContext,
): Promise<string> {
  const { name, title, description, inputs, steps } = definition;
  const colors = colorsFor(context);
  const measure = await measureFor([JSON.stringify(definition)]);
  const columns = Math.min(MOST_COLUMNS, context.stdout.isTTY ? context.stdout.columns : 80);
  const text = (said: string | undefined, indent: string, hanging = indent): string[] =>
    said === undefined
      ? []
      : indented(printable(said, CHARACTERS), indent, hanging, columns, measure);
  const head = title === undefined ? printable(name) : `${printable(name)}  ${printable(title)}`;
  const [first = "", ...more] = text(head, "", "  ");
  const section = (word: string) => ["", colors.bold(word)];
  const lines = [
    first.replace(printable(name), colors.bold),
    ...more,
    ...text(description?.trimEnd(), "  "),
    ...text(aboutIt(definition, context), "  ").map(colors.dim),
    ...(Object.keys(inputs).length === 0 ? [] : section("Inputs")),
    ...inputLines(inputs, text),
    ...section("Steps"),
    ...stepLines(steps, measure).flatMap((line) => text(line, "  ", "      ")),
    ...section("Start it"),
    `  ${startLine(definition, url, context)}`,
  ];
  return `${lines.join("\n")}\n`;
}

function aboutIt(
  { file, last, usual_ms, concurrency }: DefinitionView,
  { clock }: CliContext,
): string | undefined {
  const ago = last && formatDuration(clock.now() - Date.parse(last.ended_at));
  const facts = [
    file,
    last && `last ${last.status} ${ago} ago (${last.workflow_id})`,
    typeof usual_ms === "number" && `usually takes ${formatDuration(usual_ms)}`,
    concurrency && groupWords(concurrency),
  ].filter((fact) => fact);
  return facts.length === 0 ? undefined : facts.join(", ");
}

function groupWords({ group, limit, when_busy }: NonNullable<DefinitionView["concurrency"]>) {
  const others = {
    wait: "the others wait",
    refuse: "others are refused",
    cancel_running: "a new one takes the place of those before",
  };
  return `${limit} at a time of the group ${group}: ${others[when_busy]}`;
}

type Text = (said: string | undefined, indent: string, hanging?: string) => string[];

function inputLines(inputs: DefinitionView["inputs"], text: Text): string[] {
  const heads = fieldLines(inputs);
  return Object.values(inputs).flatMap((field, index) => [
    ...text(`${heads[index] ?? ""}${limitsOf(field)}`, "  ", "      "),
    ...text(field.title, "      "),
    ...text(field.description, "      "),
  ]);
}

/** The limits of a field beyond its kind. */
function limitsOf(field: Field): string {
  const limits: string[] = [];
  if (field.type === "number" && field.min !== undefined) limits.push(`${field.min} or more`);
  if (field.type === "number" && field.max !== undefined) limits.push(`at most ${field.max}`);
  if (field.type === "string" && field.pattern !== undefined) limits.push(`like ${field.pattern}`);
  if ("default" in field && field.default !== undefined) {
    const usual =
      typeof field.default === "boolean" ? (field.default ? "yes" : "no") : field.default;
    limits.push(usual === "" ? "empty by itself" : `${usual} by itself`);
  }
  return limits.map((limit) => `; ${limit}`).join("");
}

function stepLines(steps: DefinitionView["steps"], measure: Measure): string[] {
  const width = Math.max(0, ...steps.map(({ action }) => measure.cells(action)));
  return steps.map(({ action, title, enabled, asks }, index) => {
    const place = String(index + 1).padStart(String(steps.length).length);
    const notes = [asks && "asks somebody", !enabled && `off, unless --enable ${action}`].filter(
      (note) => note,
    );
    const about = [title, notes.length > 0 && `(${notes.join("; ")})`].filter((part) => part);
    return `${place}  ${padded(action, width, measure)}  ${about.join(" ")}`.trimEnd();
  });
}

/** With every input that has to be given; a secret is asked for, or read from a line of standard input. */
function startLine({ name, inputs }: DefinitionView, url: string, context: CliContext): string {
  const server = serverToName(url, context);
  const line = commandLine(
    context,
    ...["start", name, ...inputWords(inputs), "--follow"],
    ...(server === null ? [] : ["--server", server]),
  );
  return printable(line, LINE_CHARACTERS);
}

function indented(
  said: string,
  indent: string,
  hanging: string,
  columns: number,
  measure: Measure,
): string[] {
  const room = Math.max(10, columns - hanging.length);
  return wrapped(said, room, measure).map((line, index) => (index === 0 ? indent : hanging) + line);
}
