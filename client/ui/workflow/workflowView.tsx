/** A workflow's steps beside what is known of the selected one; on a phone one of them at a time. */
import { useRef } from "preact/hooks";
import { stepAtIndex, type View, type WorkflowState } from "../../index.js";
import type { Route } from "../browser/mount.js";
import { NARROW, useMedia } from "../browser/useMedia.js";
import { usePage } from "../page/page.js";
import { usePrint } from "../print/usePrint.js";
import { Notices } from "./head/notices.js";
import { WorkflowHeader } from "./head/workflowHeader.js";
import type { LogActions } from "./output/tools/logActions.js";
import { Pane } from "./pane.js";
import { headline } from "./reading/failure.js";
import { namedStep, urgentStep } from "./reading/selection.js";
import { StepList } from "./steps/stepList.js";
import { useChosenTab } from "./steps/useChosenTab.js";
import { useWorkflowKeys } from "./useWorkflowKeys.js";
import { useDeliveries } from "./webhooks/useDeliveries.js";
import { WorkflowSide } from "./workflowSide.js";

interface WorkflowViewProps {
  readonly view: View;
  readonly state: WorkflowState;
}

export function WorkflowView({ view, state }: WorkflowViewProps) {
  const route = usePage().router.route.value;
  const { workflow_id, steps } = state;
  const named = route.name === "workflow" ? namedStep(steps, route.step) : null;
  const urgent = urgentStep(state);
  const selected = named ?? urgent;
  const [chosen, choose] = useChosenTab(workflow_id, named !== null && leadsToLog(route));
  const logActions = useRef<LogActions | null>(null);
  const step = stepAtIndex(state, selected);
  usePrint(view, state, selected);
  const switchTimeline = () => choose(chosen === "timeline" ? "log" : "timeline");
  useWorkflowKeys({ state, selected, urgent, step, logActions, switchTimeline });

  const isNarrow = useMedia(NARROW);
  // Until somebody chooses: the log where there is room beside the steps, the steps where there is none.
  const wanted = chosen ?? (isNarrow ? "steps" : "log");
  const asked = useDeliveries(view, state, wanted === "webhooks");
  // A tab that was chosen earlier stays open until the server has said that there is nothing in it.
  const hasWebhooks = asked.told.value.deliveries?.length !== 0;
  const tab = wanted === "webhooks" && !hasWebhooks ? "log" : wanted;
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
        <Pane
          {...{ view, state, selected, step, tab, isNarrow, choose, asked }}
          onActions={(actions) => {
            logActions.current = actions;
          }}
        />
      </div>
    </article>
  );
}

const leadsToLog = (route: Route): boolean =>
  route.name === "workflow" && (route.lines !== undefined || route.attempt !== undefined);
