/** The output of a step, folded away or not: the step at work and the one that failed show it by themselves, until the reader says otherwise. */
import { useState } from "preact/hooks";
import type { Step } from "../../../index.js";
import { usePage } from "../../page.js";
import type { Lines } from "./logStart.js";
import { type LogAddress, StepLog } from "./stepLog.js";

export const hasOutput = ({ status, log_bytes = 0 }: Step): boolean =>
  log_bytes > 0 || status === "in_progress";

interface StepOutputProps {
  readonly workflow_id: string;
  readonly step: Step;
}

export function StepOutput({ workflow_id, step }: StepOutputProps) {
  const { memory, router } = usePage();
  const route = router.route.value;
  const stepName = String(step.index);
  const isNamed =
    route.name === "workflow" && (route.step === stepName || route.step === step.action);
  const place: LogAddress = isNamed ? { attempt: route.attempt, lines: route.lines } : {};

  const key = `instep.output.${workflow_id}`;
  const [chosen, setChosen] = useState(() => choices(memory, key)[step.index]);
  const isOpen = chosen ?? (isNamed || step.status === "in_progress" || step.status === "failed");
  const toggle = () => {
    setChosen(!isOpen);
    remember(memory, key, step.index, !isOpen);
  };
  const id = `output-${step.index}`;
  return (
    <div class="step-output">
      <button
        type="button"
        class="output-toggle"
        aria-expanded={isOpen}
        aria-controls={id}
        onClick={toggle}
      >
        Output
      </button>
      <div id={id}>
        {isOpen && (
          <StepLog
            workflow_id={workflow_id}
            step={step}
            stepName={stepName}
            {...place}
            onPlace={(next) =>
              router.go({ name: "workflow", workflow_id, step: stepName, ...without(next) })
            }
          />
        )}
      </div>
    </div>
  );
}

/** What was opened and closed by hand in this tab, by step. */
function choices(memory: Storage, key: string): Record<string, boolean> {
  try {
    const kept: unknown = JSON.parse(memory.getItem(key) ?? "{}");
    return typeof kept === "object" && kept !== null ? (kept as Record<string, boolean>) : {};
  } catch {
    return {};
  }
}

function remember(memory: Storage, key: string, step: number, isOpen: boolean): void {
  try {
    memory.setItem(key, JSON.stringify({ ...choices(memory, key), [step]: isOpen }));
  } catch {
    // A full storage forgets the choice at the next reload, and no more.
  }
}

function without({ attempt, lines }: LogAddress): { attempt?: number; lines?: Lines } {
  return { ...(attempt !== undefined && { attempt }), ...(lines && { lines }) };
}
