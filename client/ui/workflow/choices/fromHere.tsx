/** A retry from the step that is looked at: the quiet second choice beside the run's own, in that step's pane. */
import { firstToRetry, isEnded, type View, type WorkflowState } from "../../../index.js";
import { CommandButton } from "../../commands/commandButton.js";
import { commandObstacle } from "../../page/inStep.js";
import { usePage } from "../../page/page.js";
import { canBeginAt } from "../reading/plan.js";
import { stateIn } from "./questions.js";
import { retryQuestion } from "./retrying.js";

interface FromHereProps {
  readonly view: View;
  readonly state: WorkflowState;
  readonly selected: number;
}

/** Nothing where the run's own retry begins at this step anyway, or where none can. */
export function FromHere({ view, state, selected }: FromHereProps) {
  const page = usePage();
  const { definition, status, steps } = state;
  if (stateIn({ ...view, state }) === null) return null;
  if (definition === undefined || !isEnded(status)) return null;
  if (!canBeginAt(steps, selected) || selected === firstToRetry(steps)) return null;
  return (
    <CommandButton
      kind="quiet"
      testid="from-here"
      obstacle={commandObstacle(page.connection.value)}
      question={retryQuestion(page, state, selected)}
    >
      Retry from here…
    </CommandButton>
  );
}
