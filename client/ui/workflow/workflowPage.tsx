/** One workflow, live: where it is, what went wrong, what can be done, and every step. */
import { AsOf, FreshnessContext, freshnessOf } from "../freshness.js";
import { usePage } from "../page.js";
import { Link } from "../parts/link.js";
import { NoPicture } from "../parts/noPicture.js";
import { useView } from "../useView.js";
import { JsonDetails } from "./jsonDetails.js";
import { Notices } from "./notices.js";
import { StepList } from "./stepList.js";
import { useStepNews } from "./stepNews.js";
import { WorkflowHeader } from "./workflowHeader.js";

export function WorkflowPage({ workflow_id }: { workflow_id: string }) {
  const view = useView(workflow_id);
  const { connection, found } = usePage();
  useStepNews(view.state);
  const isTold = found.value?.workflow_id === workflow_id;

  return (
    <FreshnessContext.Provider value={freshnessOf(view)}>
      <nav class="crumbs" aria-label="Back">
        <Link to={{ name: "list" }}>‹ All workflows</Link>
        <AsOf />
      </nav>
      {view.state ? (
        <article class={view.phase === "stale" ? "workflow is-stale" : "workflow"}>
          <WorkflowHeader view={view} state={view.state} />
          <Notices view={view} state={view.state} isTold={isTold} />
          <StepList
            workflow_id={workflow_id}
            steps={view.state.steps}
            current={view.state.current_step}
          />
          <JsonDetails title="The whole state" value={view.state} />
          {view.position && (
            <p class="position">
              Revision {view.position.revision} of epoch <code>{view.position.epoch}</code>
            </p>
          )}
        </article>
      ) : view.phase === "closed" ? (
        <section class="empty" data-testid="closed">
          <h1>{view.closed === "cleared" ? "Cleared" : "There is no such workflow"}</h1>
          <p>
            Nothing is known under <code>{workflow_id}</code>. It may have been cleared, or be older
            than the history goes back.
          </p>
        </section>
      ) : (
        <NoPicture connection={connection.value} what="the workflow" />
      )}
    </FreshnessContext.Provider>
  );
}
