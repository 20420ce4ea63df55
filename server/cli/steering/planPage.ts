/** The plan of a start, as text for a person. */

import { exactDuration } from "../../../shared/text/duration.js";
import { printable } from "../../../shared/text/printable.js";
import type { PlannedStep, StartPlan } from "../../../shared/wire/rest.js";

const CHARACTERS = 2_000;

/** Ends with a line end. Variables that every step finds are said once. */
export function planPage({
  name,
  title,
  inputs,
  notes,
  timeout_ms,
  concurrency,
  steps,
}: StartPlan): string {
  const head = title === undefined ? name : `${name}  ${title}`;
  const all = steps.flatMap((step) => [step, ...(step.steps ?? [])]);
  const found = all.filter(({ variables }) => variables.length > 0);
  const common = (found[0]?.variables ?? []).filter((one) =>
    found.every(({ variables }) => variables.includes(one)),
  );
  const given = Object.entries(inputs).map(([key, value]) => `  ${key} = ${String(value)}`);
  const lines = [
    head,
    ...(timeout_ms === undefined ? [] : [`  at most ${exactDuration(timeout_ms)} in all`]),
    ...(concurrency ? [`  ${concurrency.limit} of ${concurrency.group} at once`] : []),
    ...section("Inputs", [...given, ...notes.map((note) => `  note: ${note}`)]),
    ...section(
      "Steps",
      all.flatMap((step) => stepLines(step, common)),
    ),
    ...section("Every command finds", common.length === 0 ? [] : [`  ${common.join(" ")}`]),
    "",
    "Nothing was started.",
  ];
  return `${lines.map((line) => printable(line, CHARACTERS)).join("\n")}\n`;
}

const section = (word: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : ["", word, ...lines];

function stepLines(step: PlannedStep, common: readonly string[]): readonly string[] {
  const { number, action, title, runs, command, variables } = step;
  const indent = number.includes(".") ? "      " : "  ";
  const head = `${indent}${number} ${action}${title === undefined ? "" : `  ${title}`}`;
  if (!runs) return [`${head}  (skipped: it is switched off)`];
  const own = variables.filter((one) => !common.includes(one));
  const about = [
    ...aboutStep(step),
    ...(command ? [`runs: ${command.join(" ")}`] : []),
    ...(own.length === 0 ? [] : [`finds: ${own.join(" ")}`]),
  ];
  return [head, ...about.map((one) => `${indent}    ${one.replaceAll("\n", " ⏎ ")}`)];
}

function aboutStep(step: PlannedStep): readonly string[] {
  const { when, asks, timeout_ms, retries, continue_on_error, steps, max } = step;
  const words = [
    when === "failure" && "only after a failure",
    when === "always" && "whatever happened before",
    steps && `${steps.length} side by side${max === undefined ? "" : `, ${max} at once`}`,
    timeout_ms !== undefined && `at most ${exactDuration(timeout_ms)}`,
    retries > 0 && `up to ${retries} more ${retries === 1 ? "attempt" : "attempts"}`,
    continue_on_error && "goes on where it fails",
  ].filter((word) => typeof word === "string");
  return [...(words.length === 0 ? [] : [words.join("; ")]), ...(asks ? [askedWords(asks)] : [])];
}

function askedWords({
  prompt,
  fields,
  deadline_ms,
  conditional,
}: NonNullable<PlannedStep["asks"]>) {
  const names = fields.length === 0 ? "" : ` (${fields.join(", ")})`;
  const deadline = deadline_ms === undefined ? "" : `, waits ${exactDuration(deadline_ms)}`;
  return `${conditional ? "may ask" : "asks"}: ${prompt}${names}${deadline}`;
}
