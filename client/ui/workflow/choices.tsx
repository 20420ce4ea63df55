/** What can be done about a workflow from here, in words that mean one thing each: cancel, resume, retry, run again, clear. */
import {
  type InstepClient,
  isEnded,
  type RunCommand,
  type View,
  type WorkflowState,
} from "../../index.js";
import { CLEAR_QUESTION, clearWorkflow } from "../clearCommand.js";
import { commandObstacle } from "../connectionWords.js";
import { isExample } from "../exampleRuns.js";
import { type Page, usePage } from "../page.js";
import { CommandButton } from "../parts/commandButton.js";
import { Link } from "../parts/link.js";
import { runCommand } from "../runCommand.js";
import { stepName } from "./selection.js";

interface ChoicesProps {
  readonly view: View;
  readonly state: WorkflowState;
  /** The step that is looked at: where a retry begins. */
  readonly selected?: number | undefined;
}

export function Choices({ view, state, selected }: ChoicesProps) {
  const page = usePage();
  if (view.phase === "closed" && view.closed !== "expired") return null;
  const isHere = page.runs.here.value.has(state.workflow_id);
  const isOurs = state.definition !== undefined;
  return (
    <div class="choices">
      {isOurs && isEnded(state.status) && <Retry state={state} selected={selected} />}
      {state.status === "interrupted" && <GoOn state={state} />}
      {isCancellable(state, isHere) && <Cancel state={state} />}
      {!isHere && !isAtWork(state) && <Clear view={view} state={state} />}
    </div>
  );
}

const isAtWork = ({ status }: WorkflowState): boolean =>
  status === "running" || status === "blocked";

/** What a button says afterwards: nothing, or what went wrong. */
async function sent(client: InstepClient, command: RunCommand): Promise<string | null> {
  const result = await runCommand(client, command);
  return result.ok ? null : result.why;
}

/** Only what somebody will honour: the server's runner, or a driver that holds the lease and so hears of it. */
function isCancellable(state: WorkflowState, isHere: boolean): boolean {
  if (isEnded(state.status)) return false;
  if (state.definition !== undefined) return true;
  return isAtWork(state) && (isHere || state.driver !== undefined);
}

const AT_WORK =
  "Its command and all it started get SIGTERM, and SIGKILL ten seconds later. “Cancelled” is said once they are gone. What is done stays done; a cancelled workflow can be retried, not resumed.";
const ELSEWHERE =
  "Its driver is asked to stop the step at work, and says when it has. What is done stays done; a cancelled workflow cannot go on.";
const NOBODY = "Nothing of it runs now. It ends as cancelled; what is done stays done.";

function Cancel({ state }: { state: WorkflowState }) {
  const { client, connection } = usePage();
  const obstacle = commandObstacle(connection.value);
  const { workflow_id, stop_requested } = state;
  const stop = (now: boolean) => sent(client, { kind: "stop", workflow_id, ...(now && { now }) });
  const isEnding = isAtWork(state) || state.interruption?.processes === "ending";
  if (stop_requested && isEnding) {
    return (
      <>
        <span class="cancelling" role="status" data-testid="cancelling">
          {stop_requested.now ? "Killing…" : "Cancelling…"}
        </span>
        {!stop_requested.now && (
          <CommandButton kind="danger" testid="kill" obstacle={obstacle} run={() => stop(true)}>
            Kill now
          </CommandButton>
        )}
      </>
    );
  }
  const isRunning = isAtWork(state) && !state.queued;
  const text = !isRunning ? NOBODY : state.definition === undefined ? ELSEWHERE : AT_WORK;
  return (
    <CommandButton
      kind="danger"
      testid="cancel"
      obstacle={obstacle}
      question={{
        title: "Cancel this workflow?",
        text,
        yes: "Cancel the workflow",
        no: isRunning ? "Let it run" : "Keep it",
      }}
      run={() => stop(false)}
    >
      Cancel…
    </CommandButton>
  );
}

/** On with the same workflow. The example's steps are known to this page, others to the server they were started on. */
function GoOn({ state }: { state: WorkflowState }) {
  const page = usePage();
  const { client, connection, runs } = page;
  const { workflow_id, definition, name, steps } = state;
  const obstacle = commandObstacle(connection.value);
  if (definition !== undefined) {
    const next = steps.find(({ status }) => status !== "completed" && status !== "skipped");
    const resume = () => sent(client, { kind: "resume", workflow_id });
    return (
      <>
        <CommandButton kind="primary" testid="resume" obstacle={obstacle} run={resume}>
          {next ? `Resume from ${next.title ?? next.action}` : "Resume"}
        </CommandButton>
        <MarkDone state={state} />
      </>
    );
  }
  if (!isExample(name)) return null;
  const goOn = async (): Promise<string | null> => {
    const resumed = await runs.resume(workflow_id);
    return resumed === null ? `Not resumed: ${runs.trouble.value?.text ?? "no answer"}` : null;
  };
  return (
    <CommandButton kind="primary" testid="go-on" obstacle={obstacle} run={goOn}>
      Go on in this tab
    </CommandButton>
  );
}

/** For a step whose work was done although nobody saw its end. */
function MarkDone({ state }: { state: WorkflowState }) {
  const { client, connection, runs } = usePage();
  const { workflow_id, steps } = state;
  const step = steps.find(({ status }) => status === "interrupted");
  if (!step) return null;
  const mark = () =>
    sent(client, { kind: "resume", workflow_id, done: step.index, by: runs.tabName });
  return (
    <CommandButton
      testid="mark-done"
      obstacle={commandObstacle(connection.value)}
      question={{
        title: `Mark “${step.title ?? step.action}” as done?`,
        text: "Nothing checks whether it is: say so only if you have looked. The step counts as completed, with a note that it was marked, and the workflow goes on behind it.",
        yes: "It is done, go on",
        no: "Leave it",
      }}
      run={mark}
    >
      Mark as done…
    </CommandButton>
  );
}

/** Again as a new workflow: with the steps before kept, or from the start. */
function Retry({ state, selected }: { state: WorkflowState; selected: number | undefined }) {
  const page = usePage();
  const obstacle = commandObstacle(page.connection.value);
  const from = retryFrom(state, selected);
  const { definition, workflow_id } = state;
  return (
    <>
      {from !== null && (
        <CommandButton
          kind={state.status === "completed" ? undefined : "primary"}
          testid="retry"
          obstacle={obstacle}
          run={() => retry(page, state, from)}
        >
          {`Retry from ${state.steps[from]!.title ?? state.steps[from]!.action}`}
        </CommandButton>
      )}
      {definition !== undefined && (
        <Link to={{ name: "start", definition, like: workflow_id }} class="button">
          Run again…
        </Link>
      )}
    </>
  );
}

/** The step that is looked at where it ran; else the first that is not done. */
export function retryFrom({ steps }: WorkflowState, selected: number | undefined): number | null {
  const open = steps.findIndex(({ status }) => status !== "completed" && status !== "skipped");
  const chosen = selected === undefined ? undefined : steps[selected];
  const canBeChosen = chosen && chosen.status !== "skipped" && chosen.status !== "pending";
  if (canBeChosen && (open === -1 || chosen.index <= open)) return chosen.index;
  return open === -1 ? null : open;
}

async function retry(page: Page, state: WorkflowState, from: number): Promise<string | null> {
  const { workflow_id } = state;
  const result = await runCommand(page.client, {
    kind: "retry",
    workflow_id,
    from,
    by: page.runs.tabName,
  });
  if (!result.ok) return result.why;
  page.router.go({
    name: "workflow",
    workflow_id: result.answer.workflow_id,
    step: stepName(state.steps, from),
  });
  return null;
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
