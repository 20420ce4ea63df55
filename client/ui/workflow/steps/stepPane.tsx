/** The pane of the selected step: its log, its details, and how the workflow was started. */
import { branchesOf, type Position, type Step, type WorkflowState } from "../../../index.js";
import { Glyph } from "../../look/glyph.js";
import { usePage } from "../../page/page.js";
import { LinkedText } from "../../parts/textLink.js";
import { StepLog } from "../output/stepLog.js";
import type { LogActions } from "../output/tools/logActions.js";
import { headline, isInHeadline } from "../reading/failure.js";
import { stepName } from "../reading/selection.js";
import { StartedWith } from "./startedWith.js";
import { StepBranches } from "./stepBranches.js";
import { StepDetails } from "./stepDetails.js";

export type PaneTab = "log" | "details" | "inputs";

interface StepPaneProps {
  readonly state: WorkflowState;
  readonly position: Position | null;
  readonly step: Step;
  readonly tab: PaneTab;
  onActions(actions: LogActions | null): void;
}

export function StepPane({ state, position, step, tab, onActions }: StepPaneProps) {
  return (
    <div
      class={isFramed(tab, step) ? "pane-body is-framed" : "pane-body"}
      id={`pane-${tab}`}
      role="tabpanel"
      aria-labelledby={`tab-${tab}`}
    >
      {tab === "log" && <Log state={state} position={position} step={step} onActions={onActions} />}
      {tab === "details" && (
        <StepDetails step={step} position={position} interruption={state.interruption} />
      )}
      {tab === "inputs" && <StartedWith state={state} />}
    </div>
  );
}

/** The log has a frame of its own. */
const isFramed = (tab: PaneTab, step: Step): boolean =>
  tab !== "log" || !hasOutput(step) || branchesOf(step).length > 0;

function Log({ state, position, step, onActions }: Omit<StepPaneProps, "tab">) {
  const { router } = usePage();
  const { workflow_id } = state;
  const epoch = position?.epoch;
  const name = stepName(state.steps, step.index);
  const route = router.route.value;
  const isNamed = route.name === "workflow" && route.step === name;
  if (branchesOf(step).length > 0 && !step.log_bytes) {
    return (
      <>
        <StepFailure step={step} told={headline(state)} />
        <StepBranches state={state} step={step} />
      </>
    );
  }
  if (!hasOutput(step)) {
    return (
      <>
        <StepFailure step={step} told={headline(state)} />
        <p class="pane-empty" data-testid="no-output">
          {WITHOUT_OUTPUT[step.status] ?? "It printed nothing."}
        </p>
      </>
    );
  }
  return (
    <>
      <StepFailure step={step} told={headline(state)} />
      <StepLog
        key={`${workflow_id} ${epoch} ${step.index}`}
        workflow_id={workflow_id}
        epoch={epoch}
        step={step}
        stepName={name}
        {...(isNamed && route.attempt !== undefined && { attempt: route.attempt })}
        {...(isNamed && route.lines && { lines: route.lines })}
        onAddress={({ attempt, lines }) =>
          router.go({
            name: "workflow",
            workflow_id,
            step: name,
            ...(attempt !== undefined && { attempt }),
            ...(lines && { lines }),
          })
        }
        onActions={onActions}
      />
    </>
  );
}

const hasOutput = ({ status, log_bytes = 0, attempts = [] }: Step): boolean =>
  log_bytes > 0 || status === "in_progress" || attempts.some(({ log_bytes = 0 }) => log_bytes > 0);

const WITHOUT_OUTPUT: Readonly<Partial<Record<Step["status"], string>>> = {
  pending: "It has not begun.",
  skipped: "It was left out.",
  blocked: "It waits for an answer and has printed nothing yet.",
};

/** First of all, where something went wrong that the head does not say: what, in one line. */
function StepFailure({ step, told }: { step: Step; told: string | null }) {
  if (isInHeadline(step, told)) return null;
  if (!step.error || (step.status !== "failed" && step.status !== "interrupted")) return null;
  return (
    <p class="pane-failure tone-failed">
      <Glyph status={step.status} />
      <span>
        <LinkedText text={step.error} />
      </span>
    </p>
  );
}
