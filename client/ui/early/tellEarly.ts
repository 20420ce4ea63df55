/** Asks for a workflow's state and the part of its log that the page opens at, and shows both for as long as the page shows nothing. */
import { STALE_HEADER, stepAtIndex, type WorkflowState } from "../../index.js";
import { type WorkflowRoute, workflowRouteOf } from "../browser/mount.js";
import { tokenIn } from "../browser/token.js";
import type { EarlyPlace } from "../page/earlyWords.js";
import { logStart } from "../workflow/output/reader/logStart.js";
import { attemptFacts } from "../workflow/reading/attemptFacts.js";
import { logKey, tabKey } from "../workflow/reading/memoryKeys.js";
import { namedStep, urgentStep } from "../workflow/reading/selection.js";
import { drawEarly } from "./drawEarly.js";
import { plainLines } from "./plainLines.js";

/** Enough for a high window. */
const MOST_LINES = 80;
const MOST_BYTES = 6_000;
const DEADLINE_MS = 30_000;
/** A log whose reader does not follow it. */
const AWAY = `"isFollowing":false`;

/** Does nothing on other pages, where a token is needed and missing, and where no such workflow is. Rejects where something goes wrong. */
export async function tellEarly(window: Window): Promise<void> {
  const { document, location } = window;
  const base = new URL(".", document.baseURI);
  const route = workflowRouteOf(new URL(location.href), base);
  const token = tokenIn(window, window.sessionStorage);
  const isClosed = document.querySelector("base[data-closed]") !== null;
  if (!route || (isClosed && token === undefined)) return;

  const id = encodeURIComponent(route.workflow_id);
  const asked = async (path: string): Promise<Response> => {
    const answer = await window.fetch(`${base.href}workflow/state${path}workflow_id=${id}`, {
      headers: token === undefined ? {} : { Authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(DEADLINE_MS),
    });
    if (!answer.ok) throw new Error(answer.statusText);
    return answer;
  };
  const now = Date.now();
  const answer = await asked("?");
  // A server that cannot follow the store shows an earlier moment.
  const at = Date.parse(answer.headers.get(STALE_HEADER) ?? "") || now;
  const { state, epoch } = (await answer.json()) as { state: WorkflowState | null; epoch: string };
  const drawn = state && drawEarly(document, state, at);
  if (!drawn) return;
  const log = logOf(route, state, window.sessionStorage);
  if (!log) return;
  const { step, attempt, from } = log;
  const where = from === null ? `tail=${MOST_BYTES}` : `from=${from}&to=${from + MOST_BYTES}`;
  const output = await asked(`/steps/${step}/log?epoch=${epoch}&attempt=${attempt}&${where}&`);
  const lines = plainLines(await output.text());
  drawn.lines(from === null ? lines.slice(-MOST_LINES) : lines.slice(0, MOST_LINES), log);
}

/** Null where the page shows no log, or opens it at a line that has to be looked for. */
function logOf(
  { workflow_id, step: name, attempt: asked, lines }: WorkflowRoute,
  state: WorkflowState,
  memory: Storage,
): EarlyPlace | null {
  const named = namedStep(state.steps, name);
  const index = named ?? urgentStep(state);
  const step = stepAtIndex(state, index);
  const tab = memory.getItem(tabKey(workflow_id)) ?? "log";
  if (!step || tab !== "log") return null;
  const attempt = (named === null ? undefined : asked) ?? step.attempt ?? 1;
  // Where a reader was before a reload only the page knows.
  if (memory.getItem(logKey(workflow_id, index, attempt))?.includes(AWAY)) return null;
  const { place } = logStart({ ...attemptFacts(step, attempt), lines, remembered: null });
  if (place !== "end" && "line" in place) return null;
  return { step: index, attempt, from: place === "end" ? null : place.offset };
}
