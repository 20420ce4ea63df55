/** What was there when the page came up, said once, until it is dismissed. Follows the workflow, so that it never says what is no longer so. */
import { useLayoutEffect, useState } from "preact/hooks";
import type { Found, View, WorkflowState } from "../index.js";
import { dismiss, wasDismissed } from "./dismissal.js";
import { Glyph } from "./look/glyph.js";
import { usePage } from "./page.js";
import { Link } from "./parts/link.js";
import { LinkedText } from "./parts/textLink.js";
import { useView } from "./useView.js";
import { Choices } from "./workflow/choices.js";
import { nameOf, situationOf } from "./workflow/words.js";

export function RestoreBanner() {
  const { found } = usePage();
  const what = found.value;
  return what && <Banner key={what.workflow_id} found={what} />;
}

function Banner({ found }: { found: Found }) {
  const page = usePage();
  const view = useView(found.workflow_id);
  const state = view.state ?? found.state;
  const route = page.router.route.value;
  const isShown = route.name === "workflow" && route.workflow_id === found.workflow_id;
  const isHere = page.runs.here.value.has(found.workflow_id);
  // A picture that is not current is told as of the moment it was: "12 s ago" must not grow on old news.
  const asOf = view.phase === "stale" ? view.asOf : null;
  const now = asOf ?? page.serverNow.value;
  useLayoutEffect(() => page.announcer.say(`Restored: ${nameOf(found.state)}.`), [page, found]);
  const [isLeaving, setLeaving] = useState(false);
  const isDismissed = wasDismissed(page.memory, state);
  useLayoutEffect(() => {
    if (isDismissed) page.showFound(null);
  }, [isDismissed, page]);
  const viewpoint = { now, tabName: page.runs.tabName, isHere, isShown, asOf };
  const { tone, title, text } = situationOf(state, viewpoint);
  if (isDismissed || view.closed === "cleared" || view.closed === "unknown") return null;
  // Its own page shows the question itself.
  if (isShown && state.status === "blocked") return null;
  return (
    <aside
      class={`banner tone-${asOf === null ? tone : "pending"}`}
      data-testid="banner"
      data-status={state.status}
      aria-label="Found when this page was loaded"
    >
      <Glyph status={state.status} />
      <div class="banner-body">
        <p>
          <strong>{title}</strong>{" "}
          <span>
            <LinkedText text={isShown ? text : `${nameOf(state)}: ${text}`} />
          </span>
        </p>
        <BannerChoices view={view} state={state} isShown={isShown} />
      </div>
      <button
        type="button"
        class="banner-close"
        aria-label="Dismiss"
        disabled={isLeaving}
        onClick={() => {
          setLeaving(true);
          void dismiss(page, state).then(() => setLeaving(false));
        }}
      >
        <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
          <path d="M4 4l8 8M12 4l-8 8" />
        </svg>
      </button>
    </aside>
  );
}

interface BannerChoicesProps {
  readonly view: View;
  readonly state: WorkflowState;
  readonly isShown: boolean;
}

/** On its own page the head of the workflow has the buttons already; an interruption asks for a choice right here. */
function BannerChoices({ view, state, isShown }: BannerChoicesProps) {
  const { router } = usePage();
  if (isShown) return null;
  // Above another workflow's own buttons these would be pressed by mistake.
  const isBesideAnother = router.route.value.name === "workflow";
  return (
    <div class="banner-choices">
      <Link to={{ name: "workflow", workflow_id: state.workflow_id }}>Show it</Link>
      {state.status === "interrupted" && !isBesideAnother && <Choices view={view} state={state} />}
    </div>
  );
}
