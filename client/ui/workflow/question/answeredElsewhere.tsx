/** Tells a reader who had a question before him that somebody else has answered it, and what. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { WorkflowState } from "../../../index.js";
import { createDrafts } from "../../form/drafts.js";
import { Glyph } from "../../look/glyph.js";
import { usePage } from "../../page/page.js";

export function AnsweredElsewhere({ state }: { state: WorkflowState }) {
  const { memory, runs } = usePage();
  const asked = state.block_info?.id ?? null;
  const before = useRef(asked);
  const [gone, setGone] = useState<{ readonly id: string; readonly hasDraft: boolean } | null>(
    null,
  );
  useLayoutEffect(() => {
    const id = before.current;
    before.current = asked;
    if (asked !== null) return setGone(null);
    if (id === null) return;
    const drafts = createDrafts(memory, id);
    setGone({ id, hasDraft: Object.keys(drafts.read()).length > 0 });
    drafts.forget();
  }, [memory, asked]);

  const step = gone && state.steps.find(({ answered }) => answered?.id === gone.id);
  if (!gone || !step?.answered || step.answered.by === runs.tabName) return null;
  const answer = answerText(step.answer);
  return (
    <div class="notice tone-pending" role="status" data-testid="answered-elsewhere">
      <Glyph status="completed" />
      <p>
        “{step.title ?? step.action}” was answered by {step.answered.by ?? "somebody else"}
        {answer === "" ? "" : `: ${answer}`}.{gone.hasDraft ? " What you typed was not sent." : ""}
      </p>
      <button type="button" class="button is-small" onClick={() => setGone(null)}>
        Close
      </button>
    </div>
  );
}

function answerText(answer: unknown): string {
  if (typeof answer !== "object" || answer === null) return "";
  return Object.entries(answer)
    .map(([name, value]) => `${name}: ${value === true ? "yes" : value === false ? "no" : value}`)
    .join(", ");
}
