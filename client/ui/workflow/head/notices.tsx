/** Notices that want a decision, or tell of a loss over a gap: the question, why nobody goes on, which version was restored. The rest is in the head. */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { View, WorkflowState } from "../../../index.js";
import { Glyph } from "../../look/glyph.js";
import { lookOf } from "../../look/status.js";
import { formatClock, parseTime } from "../../look/time.js";
import { usePage } from "../../page/page.js";
import { CloseButton } from "../../parts/closeButton.js";
import { AnsweredElsewhere } from "../question/answeredElsewhere.js";
import { QuestionForm } from "../question/questionForm.js";
import { InterruptionNotice } from "./interruptionNotice.js";

interface NoticesProps {
  readonly view: View;
  readonly state: WorkflowState;
}

export function Notices({ view, state }: NoticesProps) {
  const { runs } = usePage();
  const trouble = runs.trouble.value;
  return (
    <div class="notices">
      {view.closed === "damaged" && (
        <Notice status="failed" testid="closed">
          Its record on the server cannot be read any more; this is the last picture of it.
        </Notice>
      )}
      {state.status === "interrupted" && <InterruptionNotice view={view} state={state} />}
      {state.status === "blocked" && state.block_info && view.phase !== "closed" && (
        <QuestionForm state={state} question={state.block_info} />
      )}
      <AnsweredElsewhere state={state} />
      {state.status === "blocked" && !state.block_info && (
        <Notice status="blocked">It waits for an answer that is given elsewhere.</Notice>
      )}
      {state.recovered_from_backup && (
        <Recovered state={state} from={state.recovered_from_backup} />
      )}
      {trouble?.workflow_id === state.workflow_id && (
        <Notice status="interrupted">This tab drives it no more: {trouble.text}.</Notice>
      )}
    </div>
  );
}

interface RecoveredProps {
  readonly state: WorkflowState;
  readonly from: NonNullable<WorkflowState["recovered_from_backup"]>;
}

function Recovered({ state, from }: RecoveredProps) {
  const { memory } = usePage();
  const key = `instep.recovered.${state.workflow_id}`;
  const [seen, setSeen] = useState(() => memory.getItem(key));
  if (seen === from.at) return null;
  const close = () => {
    memory.setItem(key, from.at);
    setSeen(from.at);
  };
  return (
    <Notice status="interrupted" testid="restored" onClose={close}>
      Restored from the version of {formatClock(parseTime(from.saved_at) ?? 0)}: what came after it
      is lost.
    </Notice>
  );
}

interface NoticeProps {
  readonly status: string;
  readonly testid?: string;
  readonly children: ComponentChildren;
  onClose?(): void;
}

function Notice({ status, testid, children, onClose }: NoticeProps) {
  return (
    <div class={`notice tone-${lookOf(status).tone}`} data-testid={testid}>
      <Glyph status={status} />
      <p>{children}</p>
      {onClose && <CloseButton onClose={onClose} />}
    </div>
  );
}
