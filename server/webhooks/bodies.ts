/** Writes what is told of an event, in the words that each kind of receiver reads. Pure. */
import type { WorkflowEvent } from "../../shared/state/workflowEvent.js";
import { formatDuration } from "../../shared/text/duration.js";
import { shortened } from "../../shared/text/shortened.js";
import type { WebhookFormat } from "./webhook.js";

/** A body with the headers that belong to it. */
export interface WebhookBody {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

const JSON_TYPE = { "content-type": "application/json" };

/** `page` is the workflow's page; null where the server does not know how it is reached. */
export function bodyOf(
  format: WebhookFormat,
  id: string,
  event: WorkflowEvent,
  page: string | null,
): WebhookBody {
  switch (format) {
    case "json":
      return { body: JSON.stringify({ id, ...event, page }), headers: JSON_TYPE };
    case "slack":
      return { body: JSON.stringify(slackOf(event, page)), headers: JSON_TYPE };
    case "ntfy":
      return ntfyOf(event, page);
  }
}

/** One line: what happened to what. */
export function headlineOf(event: WorkflowEvent): string {
  const title = event.title ?? event.name ?? event.workflow_id;
  switch (event.type) {
    case "ended":
      return `${title}: ${event.status}`;
    case "blocked":
      return `${title}: waits for an answer`;
    case "interrupted":
      return `${title}: interrupted`;
  }
}

/** The facts besides, a line each. */
function detailsOf(event: WorkflowEvent): string[] {
  const { error, question, reason, step, steps, by, start_time, end_time } = event;
  const took = end_time === null ? Number.NaN : Date.parse(end_time) - Date.parse(start_time);
  const at = event.status === "completed" ? null : `Step ${step.index + 1} of ${steps}`;
  return [
    ...(question ? [question] : []),
    ...(error !== null ? [error] : []),
    ...(reason !== null ? [`Why: ${reason.replaceAll("_", " ")}`] : []),
    ...(at !== null && steps > 0 ? [step.title === null ? at : `${at}: ${step.title}`] : []),
    ...(took >= 0 ? [`Took ${formatDuration(took)}`] : []),
    ...(by !== null ? [`Started by ${by}`] : []),
  ];
}

/** As https://docs.slack.dev/messaging/formatting-message-text says. A `mrkdwn` text takes 3000 characters. */
const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** A mark would also be read where a text only quotes it: a zero-width space keeps it from that. */
const unmarked = (text: string): string =>
  escaped(text).replace(/[*_~`]/g, (mark) => `${mark}\u200b`);

const MOST_SLACK_CHARACTERS = 2_400;

/** As much of a text as fits once it is escaped: an entity is never cut. */
function fitting(text: string): string {
  let most = MOST_SLACK_CHARACTERS;
  while (unmarked(shortened(text, most)).length > MOST_SLACK_CHARACTERS) most = most >> 1;
  return unmarked(shortened(text, most));
}

function slackOf(event: WorkflowEvent, page: string | null): object {
  const headline = headlineOf(event);
  const details = detailsOf(event).join("\n");
  const link = page === null ? "" : `\n<${inLink(page)}|Open>`;
  const text = `*${unmarked(headline)}*${details === "" ? "" : `\n${fitting(details)}`}${link}`;
  return {
    text: escaped(headline),
    blocks: [{ type: "section", text: { type: "mrkdwn", text } }],
  };
}

const inLink = (url: string): string => escaped(new URL(url).href).replaceAll("|", "%7C");

/** As https://docs.ntfy.sh/publish/ has headers of a message; text beyond ASCII travels as RFC 2047 has it. */
function ntfyOf(event: WorkflowEvent, page: string | null): WebhookBody {
  const failed = event.status === "failed" || event.type === "interrupted";
  const asks = event.type === "blocked";
  const tag = failed
    ? "x"
    : asks
      ? "question"
      : event.status === "completed"
        ? "white_check_mark"
        : "stop_sign";
  return {
    body: detailsOf(event).join("\n") || headlineOf(event),
    headers: {
      "content-type": "text/plain; charset=utf-8",
      title: inHeader(headlineOf(event)),
      priority: failed || asks ? "4" : "3",
      tags: tag,
      ...(page !== null && { click: new URL(page).href }),
    },
  };
}

const inHeader = (text: string): string =>
  /^[\x20-\x7e]*$/.test(text)
    ? text
    : `=?UTF-8?B?${Buffer.from(text, "utf8").toString("base64")}?=`;
