/** The log of one step: which attempt, and what it printed. */
import type { Step } from "../../../index.js";
import { attemptFacts } from "../reading/attemptFacts.js";
import { AttemptLog } from "./attemptLog.js";
import type { Lines } from "./reader/logStart.js";
import type { LogActions } from "./tools/logActions.js";

/** The page around draws `<StepLog key={`${epoch} ${step.index}`} … />`, and keeps the address that it is told of. */
export interface StepLogProps {
  readonly workflow_id: string;
  readonly epoch: string | undefined;
  /** As it is in the newest state: its status, attempts and `log_bytes` are read. */
  readonly step: Step;
  /** How the address names the step: its action, or its index where several have the same action. */
  readonly stepName: string;
  /** The attempt of the address; the step's own where missing. */
  readonly attempt?: number | undefined;
  /** The lines of the address: selected, and brought into view when they change. */
  readonly lines?: Lines | undefined;
  /** The reader chose an attempt or lines: put them into the address, and give them back as props. */
  onAddress(place: LogAddress): void;
  /** Hears what keys can do (see LOG_KEYS) while the log is there, and null after it. */
  onActions?: ((actions: LogActions | null) => void) | undefined;
}

export interface LogAddress {
  readonly attempt?: number | undefined;
  readonly lines?: Lines | undefined;
}

export function StepLog(props: StepLogProps) {
  const { workflow_id, step, onAddress } = props;
  const own = step.attempt ?? 1;
  const attempt = props.attempt ?? own;
  const others = attemptsOf(step);
  return (
    <>
      {others.length > 1 && (
        <label class="output-attempt">
          Attempt{" "}
          <select
            value={attempt}
            onChange={({ currentTarget }) => onAddress({ attempt: Number(currentTarget.value) })}
          >
            {others.map(({ number, text }) => (
              <option key={number} value={number}>
                {text}
              </option>
            ))}
          </select>
        </label>
      )}
      {/* Another attempt is another log. */}
      <AttemptLog
        {...props}
        key={`${workflow_id} ${step.index} ${attempt}`}
        attempt={attempt}
        {...attemptFacts(step, attempt)}
      />
    </>
  );
}

const ENDED: Readonly<Partial<Record<Step["status"], string>>> = {
  completed: "done",
  failed: "failed",
  cancelled: "cancelled",
  skipped: "skipped",
};

function attemptsOf(step: Step): { number: number; text: string }[] {
  const own = step.attempt ?? 1;
  const over = (step.attempts ?? []).filter((one) => one.attempt !== own);
  const all = [...over, { attempt: own, status: step.status }];
  return all
    .sort((one, other) => one.attempt - other.attempt)
    .map(({ attempt, status }) => {
      const word = ENDED[status] ?? (attempt === own ? "now" : "interrupted");
      return { number: attempt, text: `${attempt} of ${own}, ${word}` };
    });
}
