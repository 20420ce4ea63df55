/** A step's question: put into the state, answered by whoever is first, or ended by its deadline. */
import type { Clock } from "../../../shared/clock.js";
import { type Fields, type FieldValues, isSecret } from "../../../shared/fields/fields.js";
import type { BlockInfo, WorkflowState } from "../../../shared/schema/workflow.js";
import { awakeOf } from "../../time/awake.js";
import { restOf } from "../../time/restOf.js";
import type { Reporter } from "../report/reporter.js";

export interface AskParts {
  readonly clock: Clock;
  readonly reporter: Reporter;
  readonly index: number;
  readonly signal: AbortSignal;
  readonly newId: () => string;
  /** What of the answer is not in the state. */
  secretsOf(question: string): FieldValues;
}

export interface AskedQuestion {
  readonly prompt: string;
  readonly fields: Fields;
  readonly default?: FieldValues | undefined;
  readonly deadlineMs?: number | undefined;
}

/** Nobody answered in time, and there was no default. */
export class NoAnswerInTime extends Error {
  override readonly name = "NoAnswerInTime";
  constructor() {
    super("nobody answered in time");
  }
}

const DEADLINE = "the deadline";

/** Resolves with the answer, secrets in clear. Rejects with NoAnswerInTime, or the signal's reason. */
export async function ask(question: AskedQuestion, parts: AskParts): Promise<FieldValues> {
  const { clock, reporter, index, newId } = parts;
  const { prompt, fields, deadlineMs } = question;
  for (const name of Object.keys(question.default ?? {}))
    if (isSecret(fields[name])) throw new TypeError(`default.${name}: a secret has no default`);
  const now = clock.now();
  const askedAt = clock.elapsed();
  const block_info: BlockInfo = {
    id: newId(),
    step: index,
    block_reason: "question",
    prompt,
    fields,
    asked_at: new Date(now).toISOString(),
    ...(question.default === undefined ? {} : { default: question.default }),
    ...(deadlineMs === undefined
      ? {}
      : {
          deadline: new Date(now + deadlineMs).toISOString(),
          on_deadline: question.default === undefined ? "fail" : "default",
        }),
  };
  await reporter.merge({ block_info }, { index, update: { status: "blocked" } });
  const passed = clock.elapsed() - askedAt;
  return answerWithin(deadlineMs === undefined ? null : deadlineMs - passed, block_info, parts);
}

/** The same for a question that an earlier process asked: what is left of its time runs on. */
export const waitForAnswer = (asked: BlockInfo, parts: AskParts): Promise<FieldValues> =>
  answerWithin(leftOf(asked, parts.clock), asked, parts);

/** Null for a question without a deadline. */
function leftOf({ asked_at, deadline }: BlockInfo, clock: Clock): number | null {
  if (deadline == null) return null;
  const end = Date.parse(deadline);
  return restOf(
    end,
    asked_at == null ? Number.POSITIVE_INFINITY : end - Date.parse(asked_at),
    clock,
  );
}

async function answerWithin(
  ms: number | null,
  asked: BlockInfo,
  parts: AskParts,
): Promise<FieldValues> {
  const { clock, reporter, index, signal } = parts;
  const id = asked.id ?? "";
  let cancelDeadline = () => {};
  let stopWatching = () => {};
  let onAbort = () => {};
  try {
    return await new Promise<FieldValues>((resolve, reject) => {
      const look = (state: WorkflowState) => {
        const step = state.steps[index];
        if (step?.answered?.id !== id) return;
        resolve({ ...(step.answer as FieldValues), ...parts.secretsOf(id) });
      };
      onAbort = () => reject(signal.reason);
      if (signal.aborted) return onAbort();
      signal.addEventListener("abort", onAbort, { once: true });
      stopWatching = reporter.watch(look);
      look(reporter.state);
      if (ms === null) return;
      cancelDeadline = awakeOf(clock).after(Math.max(0, ms), () => {
        atDeadline(asked, id, parts).then(
          (isOver) => isOver && reject(new NoAnswerInTime()),
          reject,
        );
      });
    });
  } finally {
    cancelDeadline();
    stopWatching();
    signal.removeEventListener("abort", onAbort);
  }
}

/** True where the question ends without an answer. Whoever answered just before is first. */
async function atDeadline(asked: BlockInfo, id: string, parts: AskParts): Promise<boolean> {
  const { reporter, index } = parts;
  if (asked.on_deadline === "default") {
    await reporter.answer(id, (asked.default ?? {}) as FieldValues, DEADLINE);
    return false;
  }
  return reporter.giveUp(index, id, { status: "in_progress" });
}
