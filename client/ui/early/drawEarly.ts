/** Draws the first words: a workflow's name, how it stands and where, and lines of its log, all as text and all as of a moment. */
import type { WorkflowState } from "../../index.js";
import { nameOf } from "../look/name.js";
import { stepCount } from "../look/progress.js";
import { lookOf, shownStatus } from "../look/status.js";
import { formatClock } from "../look/time.js";
import { EARLY_CLASS, type EarlyPlace, logName } from "../page/earlyWords.js";
import { headline } from "../workflow/reading/failure.js";

/** Most pages are there sooner than words that come so soon could be read. */
const SOON_MS = 500;

export interface DrawnEarly {
  /** Adds lines, unless the page shows something. The newest is in view, unless `from` says where they begin. */
  lines(lines: readonly string[], place: EarlyPlace): void;
}

/** `at`: the moment (ms) they are of. Null where the page shows something already. They go as soon as it does. */
export function drawEarly(document: Document, state: WorkflowState, at: number): DrawnEarly | null {
  const page = document.getElementById("page");
  const isShown = () => page?.querySelector("main > *") != null;
  if (!page || isShown()) return null;
  const asOf = `As of ${formatClock(at)}`;
  const words = element(
    "section",
    `${EARLY_CLASS} ${performance.now() < SOON_MS ? "is-soon" : ""}`,
  );
  words.role = "main";
  words.ariaLabel = asOf;
  words.append(element("h1", "", nameOf(state)), headOf(state, asOf));
  page.after(words);
  new MutationObserver((_, observer) => {
    // The page's own is there, and empty as yet.
    if (page.querySelector("main")) words.role = "region";
    if (!isShown()) return;
    words.remove();
    observer.disconnect();
  }).observe(page, { childList: true, subtree: true });

  function element(name: string, className: string, text = ""): HTMLElement {
    const made = document.createElement(name);
    made.className = className;
    made.append(text);
    return made;
  }
  function headOf(state: WorkflowState, asOf: string): HTMLElement {
    const { steps, current_step, status } = state;
    const { word, tone } = lookOf(shownStatus(state));
    const step = status === "completed" ? undefined : steps[current_step];
    const where = `${stepCount(current_step, steps.length)} ${step?.title ?? step?.action ?? ""}`;
    const head = element("p", "");
    head.append(
      element("span", `badge tone-${tone}`, word),
      ` ${headline(state) ?? where} · ${asOf}`,
    );
    return head;
  }
  return {
    lines(lines, place) {
      if (lines.length === 0 || !words.isConnected) return;
      const log = element("pre", place.from === null ? "" : "is-from-start", lines.join("\n"));
      log.dataset.log = logName(place);
      log.dataset.asOf = asOf;
      words.append(log);
    },
  };
}
