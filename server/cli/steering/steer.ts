/** `instep cancel`, `instep resume` and `instep answer`: commands for a workflow that is there, whoever drives it. */

import type { BlockInfo, Fields, FieldValues, SavedAnswer } from "../../../client/index.js";
import type { Asking } from "../../../client/live/restClient.js";
import { printable } from "../../../shared/text/printable.js";
import { connect, type ServerFlags, workflowPage } from "../connecting/connect.js";
import { workflowToName } from "../connecting/nameToOthers.js";
import { type Target, targetOf } from "../connecting/target.js";
import { questionText } from "../display/questionLines.js";
import { answerLines, fieldLines } from "../printed/answerLines.js";
import { commandLine } from "../printed/calledAs.js";
import type { CliContext } from "../process/context.js";
import { CliError, ExitCode } from "../process/exitCodes.js";
import { asking } from "../refusals/asking.js";
import { askingOf, meantWorkflow } from "../refusals/askingOf.js";
import { spokenAnswer, spokenStep } from "../refusals/spoken.js";
import { stepPlace } from "../refusals/steps.js";
import { askToAnswer, parsePairs, sayLeftOut } from "../terminal/values.js";
import { jsonLine } from "../text/jsonLine.js";

export interface SteerFlags extends ServerFlags {
  readonly json?: boolean;
  readonly follow?: boolean;
}

export function cancel(
  given: string,
  flags: SteerFlags & { readonly now?: boolean },
  context: CliContext,
): Promise<number> {
  const stop = async ({ client, named, ...target }: Steered) => {
    const now = flags.now ? { now: true } : {};
    const asked = { ...target, client, verb: "cancel" } as const;
    return askingOf(asked, () => client.rest.run({ kind: "stop", ...named, ...now }));
  };
  return steering(given, flags, context, stop, false);
}

export function resume(
  given: string,
  flags: SteerFlags & { readonly done?: string },
  context: CliContext,
): Promise<number> {
  return steering(given, flags, context, async ({ client, named, ...target }) => {
    const { done } = flags;
    const by = `instep resume (${context.hostname})`;
    const spoken = spokenStep("done", "--done", done);
    const asked = { ...target, client, verb: "resume", spoken } as const;
    return askingOf(asked, async () => {
      const marked = done === undefined ? {} : { done: await stepPlace("--done", done, asked), by };
      return client.rest.run({ kind: "resume", ...named, ...marked });
    });
  });
}

/** Exit code 4 where it waits for an answer and nobody is there to be asked. */
export function answer(
  given: string,
  pairs: readonly string[],
  flags: SteerFlags & { readonly by?: string },
  context: CliContext,
): Promise<number> {
  return steering(given, flags, context, async (steered) => {
    const { client, url } = steered;
    const { workflow_id, question } = await questionOf(steered);
    const { readFields } = await import("../../fields/fieldSchema.js");
    const fields = readFields(question.fields ?? {}) ?? {};
    const line = commandLine(context, "answer", workflowToName(url, workflow_id, context));
    const values = await valuesFor(
      question,
      fields,
      { pairs, isJson: flags.json === true },
      line,
      context,
    );
    const by = flags.by ?? `instep answer (${context.hostname})`;
    const asked = { ...steered, verb: "answer", spoken: spokenAnswer(fields) } as const;
    return askingOf(asked, () =>
      client.rest.run({
        kind: "answer",
        workflow_id,
        answer: { ...values },
        ...(question.id !== undefined && { question: question.id }),
        by,
      }),
    );
  });
}

interface Steered extends Target {
  readonly client: Asking;
}

async function steering(
  given: string,
  flags: SteerFlags,
  context: CliContext,
  command: (steered: Steered) => Promise<SavedAnswer>,
  goesOn = true,
): Promise<number> {
  const target = targetOf(given, flags, context);
  const client = connect(target.url, flags, context);
  try {
    const { workflow_id, message } = await command({ ...target, client });
    const page = workflowPage(target.url, workflow_id);
    const text = () =>
      `${printable(message)}.${goesOn || flags.follow ? ` Follow it at ${page}` : ""}\n`;
    context.stdout.write(flags.json ? jsonLine({ workflow_id, message, url: page }) : text());
    if (!flags.follow) return ExitCode.ok;
    const { follow } = await import("./watch.js");
    return await follow(workflow_id, flags, target.url, context);
  } finally {
    client.close();
  }
}

async function questionOf({ subject, client, url, toName }: Steered) {
  const found = await asking(url, () => meantWorkflow({ subject, client }));
  const { status, block_info, workflow_id } = found.state;
  if (status === "blocked" && block_info) return { workflow_id, question: block_info };
  const next = status === "interrupted" ? ` Go on with \`instep resume ${toName}\`.` : "";
  throw new CliError(ExitCode.failed, `${workflow_id} asks nothing: it is ${status}.${next}`);
}

async function valuesFor(
  question: BlockInfo,
  fields: Fields,
  { pairs, isJson }: { readonly pairs: readonly string[]; readonly isJson: boolean },
  answerLine: string,
  context: CliContext,
): Promise<FieldValues> {
  const given = parsePairs(pairs, fields, "the answer");
  const isWhole = Object.keys(fields).length === 0 && !context.input.isTTY;
  sayLeftOut(fields, given, isJson, context);
  if (pairs.length > 0 || isWhole) return given;
  const { input, stderr } = context;
  const isForProgram = isJson && !input.isTTY;
  const text = `${questionText(question)}\n`;
  if (!isForProgram) stderr.write(text);
  const asked = input.isTTY ? await askToAnswer(fields, given, context) : null;
  if (asked) return asked;
  const how = howToAnswer(answerLine, fields);
  throw new CliError(ExitCode.waiting, isForProgram ? text + how : how);
}

/** For whoever is not there: what is asked for, and lines that answer it. */
function howToAnswer(answerLine: string, fields: Fields): string {
  const shown = (lines: readonly string[]) =>
    lines.map((line) => `\n  ${printable(line, 1_000)}`).join("");
  const takes = Object.keys(fields).length === 0 ? "" : ` It takes:${shown(fieldLines(fields))}`;
  const how = shown(answerLines(answerLine, fields));
  return `Nobody is here to be asked, so the answer has to stand in the command.${takes}\nFor example:${how}`;
}
