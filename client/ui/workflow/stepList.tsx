/** The steps in order. */
import type { WorkflowState } from "../../index.js";
import { StepRow } from "./stepRow.js";

interface StepListProps {
  readonly workflow_id: string;
  readonly steps: WorkflowState["steps"];
  readonly current: number;
}

export function StepList({ workflow_id, steps, current }: StepListProps) {
  if (steps.length === 0) return <p class="no-steps">No steps have been reported yet.</p>;
  return (
    <section aria-labelledby="steps-title">
      <h2 id="steps-title" class="section-title">
        Steps
      </h2>
      <ol class="steps">
        {steps.map((step) => (
          <StepRow
            key={step.index}
            workflow_id={workflow_id}
            step={step}
            isCurrent={step.index === current}
          />
        ))}
      </ol>
    </section>
  );
}
