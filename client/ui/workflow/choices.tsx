/** What can be done about a workflow from here: cancel what this tab drives, go on with what was interrupted, clear what is over. */
import type { View, WorkflowState } from "../../index.js";
import { CLEAR_QUESTION, clearWorkflow } from "../clearCommand.js";
import { commandObstacle } from "../connectionWords.js";
import { isExample } from "../exampleRuns.js";
import { type Page, usePage } from "../page.js";
import { CommandButton } from "../parts/commandButton.js";

const CANCEL_QUESTION = {
  title: "Cancel this workflow?",
  text: "The step at work is stopped; what is done stays done. A cancelled workflow cannot go on.",
  yes: "Cancel the workflow",
  no: "Let it run",
};

export function Choices({ view, state }: { view: View; state: WorkflowState }) {
  const page = usePage();
  if (view.phase === "closed" && view.closed !== "expired") return null;
  const isHere = page.runs.here.value.has(state.workflow_id);
  return (
    <div class="choices">
      {isHere && isOpen(state) && <Cancel workflow_id={state.workflow_id} />}
      {state.status === "interrupted" && <GoOn state={state} />}
      {!isHere && !isAtWork(state) && <Clear view={view} state={state} />}
    </div>
  );
}

function Cancel({ workflow_id }: { workflow_id: string }) {
  const { connection, runs } = usePage();
  const isCancelling = runs.cancelling.value.has(workflow_id);
  return (
    <CommandButton
      kind="danger"
      testid="cancel"
      obstacle={
        isCancelling ? "The server has not confirmed yet." : commandObstacle(connection.value)
      }
      question={CANCEL_QUESTION}
      run={async () => runs.cancel(workflow_id)}
    >
      {isCancelling ? "Cancelling…" : "Cancel…"}
    </CommandButton>
  );
}

/** Only the example's steps are known to this page; anything else has to be gone on with where it came from. */
function GoOn({ state }: { state: WorkflowState }) {
  const page = usePage();
  if (!isExample(state.name)) return null;
  return (
    <CommandButton
      kind="primary"
      testid="go-on"
      obstacle={commandObstacle(page.connection.value)}
      run={() => goOn(page, state.workflow_id)}
    >
      Go on in this tab
    </CommandButton>
  );
}

async function goOn({ runs }: Page, workflow_id: string): Promise<string | null> {
  const resumed = await runs.resume(workflow_id);
  return resumed === null ? `Not resumed: ${runs.trouble.value?.text ?? "no answer"}` : null;
}

function Clear({ view, state }: { view: View; state: WorkflowState }) {
  const { client, connection } = usePage();
  return (
    <CommandButton
      testid="clear"
      obstacle={commandObstacle(connection.value)}
      question={CLEAR_QUESTION}
      run={() => clearWorkflow(client, state.workflow_id, view.position)}
    >
      Clear…
    </CommandButton>
  );
}

const isAtWork = ({ status }: WorkflowState): boolean =>
  status === "running" || status === "blocked";

const isOpen = (state: WorkflowState): boolean => isAtWork(state) || state.status === "interrupted";
