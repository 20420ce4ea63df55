/** The pane beside the steps: its tabs, and what the chosen one shows of the selected step or of the workflow. */
import type { ComponentChildren } from "preact";
import { placeNumber, type Step, type View, type WorkflowState } from "../../index.js";
import { Tabs } from "../parts/tabs.js";
import { LinkedText } from "../parts/textLink.js";
import { FromHere } from "./choices/fromHere.js";
import type { LogActions } from "./output/tools/logActions.js";
import { StepPane } from "./steps/stepPane.js";
import type { ChosenTab } from "./steps/useChosenTab.js";
import { Timeline } from "./timeline/timeline.js";
import type { AskedDeliveries } from "./webhooks/askedDeliveries.js";
import { Deliveries } from "./webhooks/deliveries.js";

interface PaneProps {
  readonly view: View;
  readonly state: WorkflowState;
  /** By its index. */
  readonly selected: number;
  /** Missing where the workflow has no steps yet. */
  readonly step: Step | undefined;
  readonly tab: ChosenTab;
  /** The steps are one of the tabs. */
  readonly isNarrow: boolean;
  readonly asked: AskedDeliveries;
  choose(tab: ChosenTab): void;
  onActions(actions: LogActions | null): void;
}

export function Pane(props: PaneProps) {
  const { view, state, selected, step, isNarrow, choose, asked } = props;
  // Behind the steps lies the log, which stays as it is until it is chosen again.
  const tab = props.tab === "steps" ? "log" : props.tab;
  const hasWebhooks = tab === "webhooks" || (asked.told.value.deliveries?.length ?? 0) > 0;
  return (
    <section
      class="pane"
      aria-label={step ? `Step ${placeNumber(selected)}, ${step.title ?? step.action}` : "Details"}
    >
      <div class="pane-head">
        <Tabs
          label="What to show"
          chosen={isNarrow ? props.tab : tab}
          onChoose={choose}
          tabs={[
            {
              name: "steps",
              title: `Steps ${placeNumber(selected)} of ${state.steps.length}`,
              class: "tab-narrow",
            },
            { name: "log", title: "Log" },
            { name: "details", title: "Details" },
            { name: "timeline", title: "Timeline" },
            { name: "inputs", title: "Inputs" },
            ...(hasWebhooks ? [{ name: "webhooks", title: "Webhooks" } as const] : []),
          ]}
        />
        {step && (
          <span class="pane-step">
            {placeNumber(selected)}. <LinkedText text={step.title ?? step.action} />
          </span>
        )}
        <FromHere view={view} state={state} selected={selected} />
      </div>
      {tab === "timeline" ? (
        <PaneBody tab={tab}>
          <Timeline state={state} />
        </PaneBody>
      ) : tab === "webhooks" ? (
        <PaneBody tab={tab}>
          <Deliveries state={state} asked={asked} />
        </PaneBody>
      ) : step ? (
        <StepPane
          state={state}
          position={view.position}
          step={step}
          tab={tab}
          onActions={props.onActions}
        />
      ) : (
        <PaneBody tab={tab}>
          <p class="pane-empty">There is no step to show yet.</p>
        </PaneBody>
      )}
    </section>
  );
}

function PaneBody({ tab, children }: { tab: ChosenTab; children: ComponentChildren }) {
  return (
    <div class="pane-body" id={`pane-${tab}`} role="tabpanel" aria-labelledby={`tab-${tab}`}>
      {children}
    </div>
  );
}
