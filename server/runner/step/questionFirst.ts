/** A question that a definition puts before a step: whether it is asked at all, and what a no means. */

import type { FieldValues } from "../../../shared/fields/fields.js";
import { cutBefore } from "../../../shared/text/graphemes.js";
import { printable } from "../../../shared/text/printable.js";
import type { DefinedStep, Question } from "../definition/definition.js";
import { exitCodeOf } from "../report/exitCode.js";
import type { Attempt, AttemptEnd } from "./attempt.js";

const PROMPT_OUTPUT_CHARACTERS = 4_096;

export interface Asked {
  readonly isNeeded: boolean;
  /** With what `when` printed. */
  readonly prompt: string;
  /** Where `when` said neither yes nor no: the attempt is over. */
  readonly end?: AttemptEnd;
}

/** Runs the question's `when`, where it has one. */
export async function whetherToAsk(
  { when, prompt }: Question,
  { cwd, timeoutMs }: DefinedStep,
  work: Attempt,
): Promise<Asked> {
  if (when === undefined) return { isNeeded: true, prompt };
  let printed = "";
  const end = await work.command({
    ...when,
    ...(cwd === undefined ? {} : { cwd }),
    ...(timeoutMs === undefined ? {} : { timeout: timeoutMs }),
    answers: [1],
    captureStdout: (text) => {
      if (printed.length < PROMPT_OUTPUT_CHARACTERS) printed += text;
    },
  });
  const code = exitCodeOf(end.data);
  if (code !== 0 && code !== 1) return { isNeeded: false, prompt, end };
  const lines = printed
    .slice(0, cutBefore(printed, PROMPT_OUTPUT_CHARACTERS))
    .split("\n")
    .map((line) => printable(line));
  const whole = prompt.replaceAll("{{output}}", () => lines.join("\n").trim());
  return { isNeeded: code === 0, prompt: whole };
}

/** A `required` boolean is a gate: why a step stops at this answer, or null. */
export function noIn({ fields }: Question, answer: FieldValues): string | null {
  for (const [name, field] of Object.entries(fields)) {
    const isGate = field.type === "boolean" && field.required === true;
    if (isGate && answer[name] === false) return `answered no: ${field.title ?? name}`;
  }
  return null;
}
