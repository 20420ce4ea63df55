/** The choices for a workflow, each with one meaning: cancel, resume, retry, run again, clear. The run alone decides which is primary, and each asks first. */
import {
  firstToRetry,
  isEnded,
  type RunCommand,
  type View,
  type WorkflowState,
} from "../../../index.js";
import { clearQuestion, clearWorkflow } from "../../commands/clearCommand.js";
import { CommandButton } from "../../commands/commandButton.js";
import { runCommand } from "../../commands/runCommand.js";
import { isExample } from "../../example/exampleRuns.js";
import type { Answered, Question, QuestionText } from "../../page/asking.js";
import { commandObstacle } from "../../page/inStep.js";
import { type Page, usePage } from "../../page/page.js";
import { Link } from "../../parts/link.js";
import { nextToRun, titleOf } from "../reading/plan.js";
import {
  cancelText,
  interruptedStep,
  isAtWork,
  killText,
  markDoneText,
  resumeText,
  stateIn,
} from "./questions.js";
import { retryQuestion } from "./retrying.js";

interface ChoicesProps {
  readonly view: View;
  readonly state: WorkflowState;
  /** `c` and `r` open their questions. */
  readonly hasKeys?: boolean;
}

export function Choices({ view, state, hasKeys = false }: ChoicesProps) {
  const page = usePage();
  if (stateIn({ ...view, state }) === null) return null;
  const isHere = page.runs.here.value.has(state.workflow_id);
  const isOurs = state.definition !== undefined;
  return (
    <div class="choices">
      {isOurs && isEnded(state.status) && <Again state={state} hasKeys={hasKeys} />}
      {state.status === "interrupted" && <GoOn state={state} hasKeys={hasKeys} />}
      {isCancellable(state, isHere) && <Cancel state={state} hasKeys={hasKeys} />}
      {!isHere && !isAtWork(state) && <Clear state={state} />}
    </div>
  );
}

interface ChoiceProps {
  readonly state: WorkflowState;
  readonly hasKeys: boolean;
}

const hotkey = (hasKeys: boolean, key: string, label: string) => (hasKeys ? { key, label } : null);

/** A question about a workflow that a command of the runner's answers. */
function commanding(
  { client }: Page,
  { workflow_id }: WorkflowState,
  text: (view: View) => QuestionText | null,
  command: Exclude<RunCommand, { kind: "start" }>,
  /** Only of what stands still: a workflow at work has moved on before anybody has read the question. */
  isExact: boolean,
): Question {
  return {
    about: workflow_id,
    textOf: (view) => view && text(view),
    async run({ requestId, expected }: Answered) {
      const result = await runCommand(client, command, {
        requestId,
        expected: isExact ? expected : null,
      });
      return result.ok ? null : result.why;
    },
  };
}

/** Only what somebody will honour: the server's runner, or a driver that holds the lease and so hears of it. */
function isCancellable(state: WorkflowState, isHere: boolean): boolean {
  if (isEnded(state.status)) return false;
  if (state.definition !== undefined) return true;
  return isAtWork(state) && (isHere || state.driver !== undefined);
}

function Cancel({ state, hasKeys }: ChoiceProps) {
  const page = usePage();
  const obstacle = commandObstacle(page.connection.value);
  const { workflow_id, stop_requested } = state;
  const isEnding = isAtWork(state) || state.interruption?.processes === "ending";
  if (stop_requested && isEnding) {
    const kill = { kind: "stop", workflow_id, now: true } as const;
    return (
      <>
        <span class="cancelling" role="status" data-testid="cancelling">
          {stop_requested.now ? "Killing…" : "Cancelling…"}
        </span>
        {!stop_requested.now && (
          <CommandButton
            kind="danger"
            testid="kill"
            obstacle={obstacle}
            question={commanding(page, state, killText, kill, false)}
          >
            Kill now…
          </CommandButton>
        )}
      </>
    );
  }
  const stop = { kind: "stop", workflow_id } as const;
  return (
    <CommandButton
      kind="danger"
      testid="cancel"
      obstacle={obstacle}
      hotkey={hotkey(hasKeys, "c", "Cancel…")}
      question={commanding(page, state, cancelText, stop, false)}
    >
      Cancel…
    </CommandButton>
  );
}

/** On with the same workflow. The example's steps are known to this page, others to the server they were started on. */
function GoOn({ state, hasKeys }: ChoiceProps) {
  const page = usePage();
  const { connection, runs } = page;
  const { workflow_id, definition, name, steps } = state;
  const obstacle = commandObstacle(connection.value);
  const key = hotkey(hasKeys, "r", "Resume…");
  if (definition !== undefined) {
    const next = nextToRun(steps);
    const resume = { kind: "resume", workflow_id } as const;
    return (
      <>
        <CommandButton
          kind="primary"
          testid="resume"
          obstacle={obstacle}
          hotkey={key}
          question={commanding(page, state, resumeText, resume, true)}
        >
          {next === null ? "Resume…" : `Resume from ${titleOf(steps[next]!)}…`}
        </CommandButton>
        <MarkDone state={state} />
      </>
    );
  }
  if (!isExample(name)) return null;
  const question: Question = {
    about: workflow_id,
    textOf: (view) => view && resumeText(view),
    async run() {
      const resumed = await runs.resume(workflow_id);
      return resumed === null ? `Not resumed: ${runs.trouble.value?.text ?? "no answer"}` : null;
    },
  };
  return (
    <CommandButton
      kind="primary"
      testid="go-on"
      obstacle={obstacle}
      hotkey={key}
      question={question}
    >
      Go on in this tab…
    </CommandButton>
  );
}

/** For a step whose work was done although nobody saw its end. */
function MarkDone({ state }: { state: WorkflowState }) {
  const page = usePage();
  const { workflow_id } = state;
  const step = interruptedStep(state);
  if (!step) return null;
  const mark = {
    kind: "resume",
    workflow_id,
    done: step.index,
    by: page.runs.tabName,
  } as const;
  return (
    <CommandButton
      testid="mark-done"
      obstacle={commandObstacle(page.connection.value)}
      question={commanding(page, state, markDoneText, mark, true)}
    >
      Mark as done…
    </CommandButton>
  );
}

/** Again as a new workflow: from the first step that is not done, or all of it with other inputs. */
function Again({ state, hasKeys }: ChoiceProps) {
  const page = usePage();
  const from = firstToRetry(state.steps);
  const { definition, workflow_id } = state;
  return (
    <>
      {from !== null && (
        <CommandButton
          kind={state.status === "completed" ? undefined : "primary"}
          testid="retry"
          obstacle={commandObstacle(page.connection.value)}
          hotkey={hotkey(hasKeys, "r", "Retry…")}
          question={retryQuestion(page, state, from)}
        >
          {`Retry from ${titleOf(state.steps[from]!)}…`}
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

function Clear({ state }: { state: WorkflowState }) {
  const { client, connection } = usePage();
  const { workflow_id } = state;
  const question: Question = {
    about: workflow_id,
    textOf(view) {
      const shown = view && stateIn(view);
      const basis = `${view?.position?.epoch} ${shown?.status}`;
      return shown && { ...clearQuestion(shown), basis };
    },
    run: (answered) => clearWorkflow(client, workflow_id, answered),
  };
  return (
    <CommandButton testid="clear" obstacle={commandObstacle(connection.value)} question={question}>
      Clear…
    </CommandButton>
  );
}
