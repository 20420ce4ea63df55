/** A step's question: put into the state, answered by whoever is first, or ended by its deadline. */
import type { Clock } from "../../../shared/clock.js";
import { type Fields, type FieldValues, isSecret } from "../../../shared/fields/fields.js";
import type { BlockInfo, WorkflowState } from "../../../shared/schema/workflow.js";
import { awakeOf } from "../../time/awake.js";
import { restOf } from "../../time/restOf.js";
import type { Reporter } from "../report/reporter.js";

export interface QuestionsParts {
  readonly clock: Clock;
  readonly reporter: Reporter;
  readonly newId: () => string;
  /** The secret part of an answer, which is not in the state. */
  secretsOf(question: string): FieldValues;
  /** Waits for an answer, which takes none of the workflow's time. */
  waiting<T>(wait: () => Promise<T>): Promise<T>;
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

/** The questions of one workflow. Each promise of an answer rejects with NoAnswerInTime, or with the signal's reason. */
export class Questions {
  readonly #parts: QuestionsParts;

  constructor(parts: QuestionsParts) {
    this.#parts = parts;
  }

  /** Puts the question of the step at this index into the state. Resolves with the answer, secrets in clear. */
  ask(index: number, question: AskedQuestion, signal: AbortSignal): Promise<FieldValues> {
    return this.#parts.waiting(async () => {
      const { clock, reporter, newId } = this.#parts;
      const { deadlineMs } = question;
      const askedAt = clock.elapsed();
      const block_info = blockInfoOf(question, { id: newId(), step: index, now: clock.now() });
      await reporter.merge({ block_info }, { index, update: { status: "blocked" } });
      const passed = clock.elapsed() - askedAt;
      const leftMs = deadlineMs === undefined ? null : deadlineMs - passed;
      return this.#answerWithin(leftMs, index, block_info, signal);
    });
  }

  /** The same for a question that an earlier process asked: what is left of its time runs on. */
  waitFor(index: number, asked: BlockInfo, signal: AbortSignal): Promise<FieldValues> {
    return this.#parts.waiting(() =>
      this.#answerWithin(leftOf(asked, this.#parts.clock), index, asked, signal),
    );
  }

  async #answerWithin(
    ms: number | null,
    index: number,
    asked: BlockInfo,
    signal: AbortSignal,
  ): Promise<FieldValues> {
    const { clock, reporter, secretsOf } = this.#parts;
    const id = asked.id ?? "";
    let cancelDeadline = () => {};
    let stopWatching = () => {};
    let onAbort = () => {};
    try {
      return await new Promise<FieldValues>((resolve, reject) => {
        const look = (state: WorkflowState) => {
          const step = state.steps[index];
          if (step?.answered?.id !== id) return;
          resolve({ ...(step.answer as FieldValues), ...secretsOf(id) });
        };
        onAbort = () => reject(signal.reason);
        if (signal.aborted) return onAbort();
        signal.addEventListener("abort", onAbort, { once: true });
        stopWatching = reporter.watch(look);
        look(reporter.state);
        if (ms === null) return;
        cancelDeadline = awakeOf(clock).after(Math.max(0, ms), () => {
          this.#atDeadline(index, asked, id).then(
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

  /** True where the question ends without an answer. An answer that came just before is first. */
  async #atDeadline(index: number, asked: BlockInfo, id: string): Promise<boolean> {
    const { reporter } = this.#parts;
    if (asked.on_deadline === "default") {
      await reporter.answer(id, (asked.default ?? {}) as FieldValues, DEADLINE);
      return false;
    }
    return reporter.giveUp(index, id, { status: "in_progress" });
  }
}

/** As the state has it. Throws TypeError where a secret has a default: everybody who sees the question would see it. */
function blockInfoOf(
  { prompt, fields, default: usual, deadlineMs }: AskedQuestion,
  { id, step, now }: { readonly id: string; readonly step: number; readonly now: number },
): BlockInfo {
  for (const name of Object.keys(usual ?? {}))
    if (isSecret(fields[name])) throw new TypeError(`default.${name}: a secret has no default`);
  return {
    id,
    step,
    block_reason: "question",
    prompt,
    fields,
    asked_at: new Date(now).toISOString(),
    ...(usual === undefined ? {} : { default: usual }),
    ...(deadlineMs === undefined
      ? {}
      : {
          deadline: new Date(now + deadlineMs).toISOString(),
          on_deadline: usual === undefined ? "fail" : "default",
        }),
  };
}

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
