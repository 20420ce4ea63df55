/** A workflow's steps beside what is known of the selected one; on a phone one of them at a time. */
import { useRef } from "preact/hooks";
import { placeNumber, stepAtIndex, type View, type WorkflowState } from "../../index.js";
import { type KeyActions, useKeys } from "../browser/keys.js";
import type { Route } from "../browser/mount.js";
import { NARROW, useMedia } from "../browser/useMedia.js";
import { usePage } from "../page/page.js";
import { Tabs } from "../parts/tabs.js";
import { LinkedText } from "../parts/textLink.js";
import { usePrint } from "../print/usePrint.js";
import { FromHere } from "./choices/fromHere.js";
import { Notices } from "./head/notices.js";
import { WorkflowHeader } from "./head/workflowHeader.js";
import { LOG_KEYS, type LogActions } from "./output/tools/logActions.js";
import { allSteps } from "./reading/branches.js";
import { headline } from "./reading/failure.js";
import { namedStep, stepName, urgentStep } from "./reading/selection.js";
import { StepList } from "./steps/stepList.js";
import { StepPane } from "./steps/stepPane.js";
import { useChosenTab } from "./steps/useChosenTab.js";
import { Timeline } from "./timeline/timeline.js";
import { WorkflowSide } from "./workflowSide.js";

interface WorkflowViewProps {
  readonly view: View;
  readonly state: WorkflowState;
}

export function WorkflowView({ view, state }: WorkflowViewProps) {
  const { keys, router } = usePage();
  const route = router.route.value;
  const { workflow_id, steps } = state;
  const named = route.name === "workflow" ? namedStep(steps, route.step) : null;
  const urgent = urgentStep(state);
  const selected = named ?? urgent;
  const [chosen, choose] = useChosenTab(workflow_id, named !== null && hasPlace(route));
  const logActions = useRef<LogActions | null>(null);
  const step = stepAtIndex(state, selected);
  usePrint(view, state, selected);

  const goBy = (by: number) => {
    const order = allSteps(steps).map(({ index }) => index);
    const index = order[order.indexOf(selected) + by];
    if (index !== undefined) {
      const place = index === urgent ? {} : { step: stepName(steps, index) };
      router.go({ name: "workflow", workflow_id, ...place });
    }
  };
  useKeys(keys, {
    ...stepKeys(goBy),
    ...logKeys(logActions),
    "[": { label: "Attempt before", run: () => goToAttempt(-1) },
    "]": { label: "Attempt after", run: () => goToAttempt(1) },
    t: { label: "Timeline", run: () => choose(chosen === "timeline" ? "log" : "timeline") },
  });

  function goToAttempt(by: number) {
    if (!step || route.name !== "workflow") return;
    const own = step.attempt ?? 1;
    const next = (named !== null ? (route.attempt ?? own) : own) + by;
    if (next < 1 || next > own) return;
    router.go({ name: "workflow", workflow_id, step: stepName(steps, selected), attempt: next });
  }

  const isNarrow = useMedia(NARROW);
  // Until somebody chooses: the log where there is room beside the steps, the steps where there is none.
  const tab = chosen ?? (isNarrow ? "steps" : "log");
  const paneTab = tab === "steps" ? "log" : tab;
  return (
    <article class={view.phase === "stale" ? "workflow is-stale" : "workflow"} data-tab={tab}>
      <WorkflowHeader view={view} state={state} />
      <div class="workflow-columns">
        <WorkflowSide>
          <Notices view={view} state={state} />
          <StepList
            workflow_id={workflow_id}
            steps={steps}
            current={state.current_step}
            selected={selected}
            urgent={urgent}
            told={headline(state)}
            interruption={state.interruption}
          />
        </WorkflowSide>
        <section
          class="pane"
          aria-label={
            step ? `Step ${placeNumber(selected)}, ${step.title ?? step.action}` : "Details"
          }
        >
          <div class="pane-head">
            <Tabs
              label="What to show"
              chosen={isNarrow ? tab : paneTab}
              onChoose={choose}
              tabs={[
                {
                  name: "steps",
                  title: `Steps ${placeNumber(selected)} of ${steps.length}`,
                  class: "tab-narrow",
                },
                { name: "log", title: "Log" },
                { name: "details", title: "Details" },
                { name: "timeline", title: "Timeline" },
                { name: "inputs", title: "Inputs" },
              ]}
            />
            {step && (
              <span class="pane-step">
                {placeNumber(selected)}. <LinkedText text={step.title ?? step.action} />
              </span>
            )}
            <FromHere view={view} state={state} selected={selected} />
          </div>
          {paneTab === "timeline" ? (
            <div
              class="pane-body"
              id="pane-timeline"
              role="tabpanel"
              aria-labelledby="tab-timeline"
            >
              <Timeline state={state} />
            </div>
          ) : step ? (
            <StepPane
              state={state}
              position={view.position}
              step={step}
              tab={paneTab}
              onActions={(actions) => {
                logActions.current = actions;
              }}
            />
          ) : (
            <div
              class="pane-body"
              id={`pane-${paneTab}`}
              role="tabpanel"
              aria-labelledby={`tab-${paneTab}`}
            >
              <p class="pane-empty">There is no step to show yet.</p>
            </div>
          )}
        </section>
      </div>
    </article>
  );
}

const hasPlace = (route: Route): boolean =>
  route.name === "workflow" && (route.lines !== undefined || route.attempt !== undefined);

function stepKeys(goBy: (steps: number) => void): KeyActions {
  const next = { label: "Next step", repeats: true, run: () => goBy(1) };
  const before = { label: "Step before", repeats: true, run: () => goBy(-1) };
  return { j: next, ArrowDown: next, k: before, ArrowUp: before };
}

function logKeys(actions: { readonly current: LogActions | null }): KeyActions {
  return Object.fromEntries(
    LOG_KEYS.flatMap(({ keys, label, action }) =>
      keys.map((key) => [key, { label, run: () => actions.current?.[action]() }]),
    ),
  );
}
