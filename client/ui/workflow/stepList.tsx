/** The steps in order; each line leads to what is known of it. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { WorkflowState } from "../../index.js";
import { useFillWindow } from "./fillWindow.js";
import { stepName } from "./selection.js";
import { StepRow } from "./stepRow.js";

const FILLING = {
  property: "--steps-height",
  belowPx: 24,
  leastPx: 240,
  isSticky: true,
} as const;

interface StepListProps {
  readonly workflow_id: string;
  readonly steps: WorkflowState["steps"];
  readonly current: number;
  readonly selected: number;
  /** The one that is shown by itself. */
  readonly urgent: number;
}

export function StepList({ workflow_id, steps, current, selected, urgent }: StepListProps) {
  const [isErrorsOnly, setErrorsOnly] = useState(false);
  const side = useRef<HTMLElement>(null);
  useFillWindow(side, FILLING, steps.length > 0);
  useLayoutEffect(() => {
    if (side.current) bringIntoView(side.current, selected);
  }, [selected]);
  if (steps.length === 0) return <p class="no-steps">No steps have been reported yet.</p>;
  const names = namesOf(steps);
  const failed = steps.filter(({ status }) => status === "failed").length;
  const shown = isErrorsOnly ? steps.filter(({ status }) => status === "failed") : steps;
  return (
    <nav class="steps-side" aria-label="Steps" ref={side}>
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
            name={step.index === urgent ? undefined : names[step.index]!}
            isCurrent={step.index === current}
            isSelected={step.index === selected}
          />
        ))}
      </ol>
    </nav>
  );
}

/** Within a list that scrolls by itself; the page stays where it is, and the list as long as somebody points into it. */
function bringIntoView(side: HTMLElement, index: number): void {
  const row = side.querySelector<HTMLElement>(`[data-step="${index}"]`);
  if (!row || side.scrollHeight <= side.clientHeight || side.matches(":hover")) return;
  const [seen, at] = [side.getBoundingClientRect(), row.getBoundingClientRect()];
  if (at.top < seen.top) side.scrollTop -= seen.top - at.top + MARGIN_PX;
  else if (at.bottom > seen.bottom) side.scrollTop += at.bottom - seen.bottom + MARGIN_PX;
}

/** So that the next one can be seen, too. */
const MARGIN_PX = 48;

let known: { readonly key: string; readonly names: readonly string[] } | null = null;

/** The names of a thousand steps are compared with each other only where the actions are others. */
function namesOf(steps: WorkflowState["steps"]): readonly string[] {
  const key = steps.map(({ action }) => action).join("\n");
  if (known?.key !== key) known = { key, names: steps.map((_, index) => stepName(steps, index)) };
  return known.names;
}
