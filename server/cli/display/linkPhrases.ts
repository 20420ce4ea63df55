/** The terminal's phrases for a command on a machine that is not reached, and for one that went on while nobody watched it. */
import type { Step } from "../../../shared/schema/workflow.js";
import { linkLostOf } from "../../../shared/state/linkLost.js";
import { type ProcessNews, processNews } from "../../../shared/state/processNews.js";
import { formatDuration, formatElapsed } from "../../../shared/text/duration.js";
import { printable } from "../../../shared/text/printable.js";
import type { ShownStep } from "./display.js";

/** In the place of a step's usual sign, which says that it is at work. */
export const LOST_SIGN = "↯";

export const isUnlinked = (step: ShownStep): boolean => linkLostOf(step as Step) !== null;

/** "link lost 12s ago, trying again in 4s: Connection refused"; empty where it is not lost. */
export function linkWords(step: ShownStep, now: number): string {
  const lost = linkLostOf(step as Step);
  if (!lost) return "";
  const next = lost.next_try_at === null ? 0 : Date.parse(lost.next_try_at) - now;
  const when = next > 0 ? ` in ${formatElapsed(next + 999)}` : "";
  const why = lost.why && `: ${lost.why}`;
  return printable(
    `link lost ${formatElapsed(now - Date.parse(lost.since))} ago, trying again${when}${why}`,
  );
}

/** Null where nothing is new. Before it was ever shown only a lost link is. */
export const newsOf = (before: ShownStep | undefined, step: ShownStep): ProcessNews | null =>
  processNews(before as Step | undefined, step as Step);

/** "the link to box is lost: Connection refused; it is tried again" */
export function newsWords(news: ProcessNews): string {
  const machine = printable(news.process.machine, 80);
  if (news.kind === "link_lost") {
    const why = news.lost.why && `: ${printable(news.lost.why, 300)}`;
    return `the link to ${machine} is lost${why}; it is tried again`;
  }
  const { absence } = news;
  const long = absence
    ? ` after ${formatDuration(Math.max(0, Date.parse(absence.to) - Date.parse(absence.from)))}`
    : "";
  const who = news.kind === "link_back" ? `the link to ${machine}` : "the server";
  return `${who} is back${long}; the command went on`;
}
