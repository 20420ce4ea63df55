/** The news between two states of a step about who watches its command: a link that is lost or back, a server that was away. Pure. */
import type { Step } from "../schema/workflow.js";
import { type LinkLost, linkLostOf } from "./linkLost.js";
import { type Absence, processOf, type StepProcess } from "./stepProcess.js";

export type ProcessNews = { readonly process: StepProcess } & (
  | { readonly kind: "link_lost"; readonly lost: LinkLost }
  /** It is watched again, and went on meanwhile. */
  | { readonly kind: "link_back" | "taken_up"; readonly absence: Absence | null }
);

type Shown = Pick<Step, "status" | "retry_at" | "data">;

/** Null for none. A link that stays lost is no news, however often it is tried; nor is any of a command that has ended. */
export function processNews(before: Shown | undefined, after: Shown): ProcessNews | null {
  const process = processOf(after.data);
  if (!process || after.status !== "in_progress" || after.retry_at != null) return null;
  const was = before && processOf(before.data);
  const wasLost = before && was?.pid === process.pid ? linkLostOf(before) : null;
  const lost = process.link_lost;
  if (lost) return wasLost ? null : { kind: "link_lost", process, lost };
  const absence = process.taken_up?.at(-1) ?? null;
  if (wasLost) return { kind: "link_back", process, absence };
  const isSame = !was || was.pid !== process.pid || was.taken_up?.at(-1)?.to === absence?.to;
  return isSame ? null : { kind: "taken_up", process, absence };
}
