/** The steps in order; each line leads to what is known of it. */
import { useState } from "preact/hooks";
import type { WorkflowState } from "../../index.js";
import { stepName } from "./selection.js";
import { StepRow } from "./stepRow.js";

interface StepListProps {
  readonly workflow_id: string;
  readonly steps: WorkflowState["steps"];
  readonly current: number;
  readonly selected: number;
}

export function StepList({ workflow_id, steps, current, selected }: StepListProps) {
  const [isErrorsOnly, setErrorsOnly] = useState(false);
  if (steps.length === 0) return <p class="no-steps">No steps have been reported yet.</p>;
  const names = namesOf(steps);
  const failed = steps.filter(({ status }) => status === "failed").length;
  const shown = isErrorsOnly ? steps.filter(({ status }) => status === "failed") : steps;
  return (
    <nav class="steps-side" aria-label="Steps">
      <div class="steps-head">
        <h2 id="steps-title" class="section-title">
          Steps
        </h2>
        {failed > 0 && steps.length > 1 && (
          <button
            type="button"
            class="button is-small"
            aria-pressed={isErrorsOnly}
            onClick={() => setErrorsOnly(!isErrorsOnly)}
          >
            {failed} failed only
          </button>
        )}
      </div>
      <ol class="steps" aria-labelledby="steps-title">
        {shown.map((step) => (
          <StepRow
            key={step.index}
            workflow_id={workflow_id}
            step={step}
            total={steps.length}
            name={names[step.index]!}
            isCurrent={step.index === current}
            isSelected={step.index === selected}
          />
        ))}
      </ol>
    </nav>
  );
}

let known: { readonly key: string; readonly names: readonly string[] } | null = null;

/** The names of a thousand steps are compared with each other only where the actions are others. */
function namesOf(steps: WorkflowState["steps"]): readonly string[] {
  const key = steps.map(({ action }) => action).join("\n");
  if (known?.key !== key) known = { key, names: steps.map((_, index) => stepName(steps, index)) };
  return known.names;
}
