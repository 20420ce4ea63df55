/** What a reader must know before the steps: that it is over, why nobody goes on, or what went wrong. */
import type { ComponentChildren } from "preact";
import type { View, WorkflowState } from "../../index.js";
import { Glyph } from "../look/glyph.js";
import { lookOf } from "../look/status.js";
import { usePage } from "../page.js";
import { Link } from "../parts/link.js";
import { LinkedText } from "../parts/textLink.js";
import { formatClock, parseTime } from "../time.js";
import { AnsweredElsewhere } from "./answeredElsewhere.js";
import { QuestionForm } from "./questionForm.js";
import { interruptionText } from "./words.js";

interface NoticesProps {
  readonly view: View;
  readonly state: WorkflowState;
  /** The banner says it already. */
  readonly isTold: boolean;
}

export function Notices({ view, state, isTold }: NoticesProps) {
  const { runs } = usePage();
  const trouble = runs.trouble.value;
  return (
    <>
      {view.closed !== null && <Closed view={view} />}
      {state.status === "interrupted" && !isTold && (
        <Notice status="interrupted">{interruptionText(state)}</Notice>
      )}
      {state.status === "blocked" && state.block_info && view.phase !== "closed" && (
        <QuestionForm state={state} question={state.block_info} />
      )}
      <AnsweredElsewhere state={state} />
      {state.status === "blocked" && !state.block_info && (
        <Notice status="blocked">It waits for an answer that is given elsewhere.</Notice>
      )}
      {state.queued && state.status === "running" && (
        <Notice status="pending" testid="queued">
          It waits for its turn since {formatClock(parseTime(state.queued.since) ?? 0)}: as many
          workflows run as may run at once.
        </Notice>
      )}
      {state.retried_from && (
        <Notice status="pending" testid="retried-from">
          A retry from step {state.retried_from.step + 1} of{" "}
          <Link to={{ name: "workflow", workflow_id: state.retried_from.workflow_id }}>
            {state.retried_from.workflow_id}
          </Link>
          ; the steps before it were kept as they were.
        </Notice>
      )}
      {state.recovered_from_backup && (
        <Notice status="interrupted" testid="restored">
          Restored from the version of{" "}
          {formatClock(parseTime(state.recovered_from_backup.saved_at) ?? 0)}: what came after it is
          lost.
        </Notice>
      )}
      {state.error_message && !isTold && (
        <Notice status={state.status}>
          <LinkedText text={state.error_message} />
        </Notice>
      )}
      {trouble?.workflow_id === state.workflow_id && (
        <Notice status="interrupted">This tab drives it no more: {trouble.text}.</Notice>
      )}
    </>
  );
}

function Closed({ view }: { view: View }) {
  switch (view.closed) {
    case "cleared":
      return (
        <Notice status="pending" testid="closed">
          Cleared. It is gone from the server; this is the last picture of it.
        </Notice>
      );
    case "expired":
      return (
        <Notice status="pending" testid="closed">
          Ended and moved to the history.
        </Notice>
      );
    case "unknown":
      return (
        <Notice status="pending" testid="closed">
          There is no such workflow any more; this is the last picture of it.
        </Notice>
      );
    case "damaged":
      return (
        <Notice status="failed" testid="closed">
          Its record on the server cannot be read any more; this is the last picture of it.
        </Notice>
      );
    case null:
      return null;
  }
}

interface NoticeProps {
  readonly status: string;
  readonly testid?: string;
  readonly children: ComponentChildren;
}

function Notice({ status, testid, children }: NoticeProps) {
  return (
    <div class={`notice tone-${lookOf(status).tone}`} data-testid={testid}>
      <Glyph status={status} />
      <p>{children}</p>
    </div>
  );
}
