/** The steps in order; each line leads to what is known of it. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Step, WorkflowState } from "../../../index.js";
import { allSteps, workingSteps } from "../reading/branches.js";
import { stepNames } from "../reading/selection.js";
import { StepRow } from "./stepRow.js";
import { useMoreBelow } from "./useMoreBelow.js";

/** The name that a phone's tab of the steps has for them. */
const PANE = "pane-steps";

interface StepListProps {
  readonly workflow_id: string;
  readonly steps: WorkflowState["steps"];
  readonly current: number;
  readonly selected: number;
  /** The one that is shown by itself. */
  readonly urgent: number;
  /** The head's sentence about the failure. */
  readonly told: string | null;
  readonly interruption: WorkflowState["interruption"];
}

export function StepList({
  workflow_id,
  steps,
  current,
  selected,
  urgent,
  told,
  interruption,
}: StepListProps) {
  const [isErrorsOnly, setErrorsOnly] = useState(false);
  const pane = useRef<HTMLDivElement>(null);
  const all = allSteps(steps);
  const failed = workingSteps(steps).filter(hasFailed).length;
  const shown = isErrorsOnly ? all.filter(hasFailed) : all;
  const below = useMoreBelow(pane, shown);
  useLayoutEffect(() => {
    if (pane.current) bringIntoView(pane.current, selected);
  }, [selected]);
  if (steps.length === 0)
    return (
      <p class="no-steps" id={PANE}>
        No steps have been reported yet.
      </p>
    );
  const names = namesOf(steps);
  return (
    <nav class="steps-side" aria-label="Steps" id={PANE}>
      <div class="steps-head">
        <h2 id="steps-title" class="section-title">
          Steps
        </h2>
        {failed > 0 && all.length > 1 && (
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
      <div class="steps-frame">
        <div class="steps-pane" ref={pane}>
          <ol class="steps" aria-labelledby="steps-title">
            {shown.map((step) => (
              <StepRow
                key={step.index}
                workflow_id={workflow_id}
                step={step}
                total={steps.length}
                told={told}
                interruption={step.status === "interrupted" ? interruption : undefined}
                name={step.index === urgent ? undefined : names.get(step.index)!}
                isCurrent={step.index === current}
                isSelected={step.index === selected}
              />
            ))}
          </ol>
        </div>
        {below > 0 && (
          <p class="steps-below" aria-hidden="true">
            ↓ {below} more below
          </p>
        )}
      </div>
    </nav>
  );
}

const hasFailed = ({ status }: Step): boolean => status === "failed";

/** Within a list that scrolls by itself; the page stays where it is, and the list as long as somebody points into it. */
function bringIntoView(pane: HTMLElement, index: number): void {
  const row = pane.querySelector<HTMLElement>(`[data-step="${index}"]`);
  if (!row || pane.scrollHeight <= pane.clientHeight || pane.matches(":hover")) return;
  const [seen, at] = [pane.getBoundingClientRect(), row.getBoundingClientRect()];
  if (at.top < seen.top) pane.scrollTop -= seen.top - at.top + MARGIN_PX;
  else if (at.bottom > seen.bottom - MARGIN_PX)
    pane.scrollTop += at.bottom - seen.bottom + MARGIN_PX;
}

/** So that the next one can be seen, too. */
const MARGIN_PX = 48;

type Names = ReadonlyMap<number, string>;
let known: { readonly key: string; readonly names: Names } | null = null;

/** The names of a thousand steps are made only where the actions are others. */
function namesOf(steps: WorkflowState["steps"]): Names {
  const all = allSteps(steps);
  const key = all.map(({ index, action }) => `${index} ${action}`).join("\n");
  if (known?.key !== key) {
    known = { key, names: stepNames(steps) };
  }
  return known.names;
}
