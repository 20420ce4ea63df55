/** Why nobody goes on with an interrupted workflow. Put away, it leaves one word behind, which brings it back. */
import { useState } from "preact/hooks";
import type { View, WorkflowState } from "../../../index.js";
import { Glyph } from "../../look/glyph.js";
import { interruptionText } from "../../look/interruption.js";
import { dismiss, wasDismissed } from "../../page/dismissal.js";
import { usePage } from "../../page/page.js";
import { CloseButton } from "../../parts/closeButton.js";
import { LinkedText } from "../../parts/textLink.js";

export function InterruptionNotice({ view, state }: { view: View; state: WorkflowState }) {
  const page = usePage();
  const [isLeaving, setLeaving] = useState(false);
  const [isAskedFor, setAskedFor] = useState(false);
  if (wasDismissed(page.memory, state) && !isAskedFor) {
    return (
      <button type="button" class="link-button what-happened" onClick={() => setAskedFor(true)}>
        What happened?
      </button>
    );
  }
  const close = () => {
    setAskedFor(false);
    if (wasDismissed(page.memory, state)) return;
    setLeaving(true);
    void dismiss(page, state).then(() => setLeaving(false));
  };
  const isCurrent = view.phase !== "stale";
  return (
    <aside
      class={`notice tone-${isCurrent ? "interrupted" : "pending"}`}
      data-testid="banner"
      data-status="interrupted"
      aria-label="Why nobody goes on"
    >
      <Glyph status="interrupted" />
      <p>
        <LinkedText text={interruptionText(state)} />
      </p>
      <CloseButton disabled={isLeaving} onClose={close} />
    </aside>
  );
}
