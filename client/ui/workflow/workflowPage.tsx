/** One workflow, live: where it is, what went wrong, what can be done, and every step. */
import { formatClock } from "../look/time.js";
import { hasEarlyWords } from "../page/earlyWords.js";
import { FreshnessContext, freshnessOf } from "../page/freshness.js";
import { usePage } from "../page/page.js";
import { isUnderWay } from "../page/underWay.js";
import { useView } from "../page/useView.js";
import { NoView } from "../parts/noView.js";
import { Damaged } from "./damaged.js";
import { NextEpoch } from "./nextEpoch.js";
import { useStepNews } from "./steps/stepNews.js";
import { WorkflowView } from "./workflowView.js";

export function WorkflowPage({ workflow_id }: { workflow_id: string }) {
  const view = useView(workflow_id);
  const { connection } = usePage();
  useStepNews(view.state);
  return (
    <FreshnessContext.Provider value={freshnessOf(view)}>
      {view.phase === "closed" && (
        <NextEpoch workflow_id={workflow_id} epoch={view.position?.epoch} />
      )}
      {view.state ? (
        <WorkflowView view={view} state={view.state} />
      ) : view.closed === "damaged" ? (
        <Damaged workflow_id={workflow_id} />
      ) : view.phase === "closed" ? (
        <section class="empty" data-testid="closed">
          <h1>{view.closed === "cleared" ? "Cleared" : "There is no such workflow"}</h1>
          <p>
            Nothing is known under <code>{workflow_id}</code>. It may have been cleared, or be older
            than what is kept here. Should one begin under this id, it appears here.
            {view.staleSince !== null && ` So it was at ${formatClock(view.staleSince)}.`}
          </p>
        </section>
      ) : isUnderWay(connection.value) && hasEarlyWords(document) ? null : (
        <NoView connection={connection.value} what="the workflow" />
      )}
    </FreshnessContext.Provider>
  );
}
