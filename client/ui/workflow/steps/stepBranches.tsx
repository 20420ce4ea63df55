/** The branches of a parallel step in its pane: how each is, and the way to its log. */
import { branchesOf, placeNumber, type Step, spanOf, type WorkflowState } from "../../../index.js";
import { Glyph } from "../../look/glyph.js";
import { lookOf } from "../../look/status.js";
import { looksLike } from "../../look/stepLook.js";
import { Elapsed } from "../../page/freshness.js";
import { Link } from "../../parts/link.js";
import { branchText } from "../reading/branches.js";
import { stepNames } from "../reading/selection.js";

/** Each has a log of its own. */
export function StepBranches({ state, step }: { state: WorkflowState; step: Step }) {
  const { workflow_id, steps, interruption } = state;
  const names = stepNames(steps);
  return (
    <section class="pane-branches" data-testid="branches">
      <p>{branchText(step)}. Each branch has a log of its own.</p>
      <ul class="tasks">
        {branchesOf(step).map((branch) => {
          const span = spanOf(branch, interruption);
          const to = {
            name: "workflow",
            workflow_id,
            step: names.get(branch.index)!,
          } as const;
          return (
            <li key={branch.index} class="task">
              <Glyph status={looksLike(branch)} progress={branch.progress} />
              <Link to={to}>
                {placeNumber(branch.index)} {branch.title ?? branch.action}
              </Link>
              <span>{lookOf(looksLike(branch)).word}</span>
              <span class="task-note">
                <Elapsed from={span?.from ?? null} until={span?.until ?? null} />
              </span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
