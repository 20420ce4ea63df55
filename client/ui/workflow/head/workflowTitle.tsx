/** The name of the workflow that is shown, in the top line: its id, where it comes from, and how current the state shown is. */
import type { ComponentChildren } from "preact";
import type { View, WorkflowState } from "../../../index.js";
import { Glyph } from "../../look/glyph.js";
import { nameOf } from "../../look/name.js";
import { situationOf } from "../../look/situation.js";
import { shownStatus } from "../../look/status.js";
import { AsOf, FreshnessContext, freshnessOf } from "../../page/freshness.js";
import { usePage } from "../../page/page.js";
import { useView } from "../../page/useView.js";
import { CopyButton } from "../../parts/copyButton.js";
import { Link } from "../../parts/link.js";
import { LinkedText } from "../../parts/textLink.js";
import { ShareButton } from "../sharing/shareButton.js";

/** Give it the id as `key`. */
export function WorkflowTitle({ workflow_id }: { workflow_id: string }) {
  const view = useView(workflow_id);
  const { state } = view;
  return (
    <FreshnessContext.Provider value={freshnessOf(view)}>
      <div class="workflow-title">
        {state && <Glyph status={shownStatus(state)} />}
        {state && (
          <h1 id="workflow-name" title={nameOf(state)}>
            <LinkedText text={nameOf(state)} />
          </h1>
        )}
        <span class="workflow-id">
          <code title={workflow_id}>{workflow_id}</code>
          <CopyButton text={workflow_id} what="the id" />
        </span>
        <ShareButton view={view} />
        <span class="workflow-tags">
          <AsOf />
          <Closed view={view} />
          {state && <StillRunning view={view} state={state} />}
          {state?.retried_from && <RetryOf from={state.retried_from} />}
        </span>
      </div>
    </FreshnessContext.Provider>
  );
}

/** Says how the page found the workflow when it was loaded, for as long as that is so. A state that wants a decision is said in the notices. */
function StillRunning({ view, state }: { view: View; state: WorkflowState }) {
  const { found, runs, serverNow } = usePage();
  const isFound = found.value?.workflow_id === state.workflow_id;
  if (!isFound || view.phase !== "live" || state.status !== "running" || state.queued) return null;
  const isHere = runs.here.value.has(state.workflow_id);
  if (isHere) return null;
  const now = serverNow.peek();
  const viewpoint = { now, tabName: runs.tabName, isHere, isShown: true };
  const wasHere = state.driver?.name === runs.tabName;
  return (
    <Tag tone="running" testid="found" title={situationOf(state, viewpoint).text}>
      <span class="tag-more">{wasHere ? "Driven by this tab " : "Restored: "}</span>
      {wasHere ? "before the reload" : "still running"}
    </Tag>
  );
}

function RetryOf({ from }: { from: NonNullable<WorkflowState["retried_from"]> }) {
  return (
    <Tag
      tone="pending"
      testid="retried-from"
      title={`A retry from step ${from.step + 1} of ${from.workflow_id}; the steps before it were kept as they were`}
    >
      Retry of{" "}
      <Link to={{ name: "workflow", workflow_id: from.workflow_id }}>{from.workflow_id}</Link> from
      step {from.step + 1}
    </Tag>
  );
}

/** That there is nothing more to come. */
function Closed({ view }: { view: View }) {
  if (!view.state) return null;
  switch (view.closed) {
    case "cleared":
      return (
        <Tag tone="interrupted" testid="closed" title="It is gone from the server">
          Cleared: this is the last picture of it
        </Tag>
      );
    case "expired":
      return (
        <Tag tone="pending" testid="closed" title="It ended, and is kept as it is">
          In the history
        </Tag>
      );
    case "unknown":
      return (
        <Tag tone="interrupted" testid="closed" title="There is no such workflow any more">
          Gone: this is the last picture of it
        </Tag>
      );
    case "damaged":
    case null:
      return null;
  }
}

interface TagProps {
  readonly tone: string;
  readonly testid: string;
  readonly title: string;
  readonly children: ComponentChildren;
}

function Tag({ tone, testid, title, children }: TagProps) {
  return (
    <span class={`tag tone-${tone}`} data-testid={testid} title={title}>
      {children}
    </span>
  );
}
