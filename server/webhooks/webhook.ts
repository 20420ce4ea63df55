/** A webhook: an address that is told of what happens to workflows, and what may stand in one. */
import type { EventType } from "../../shared/statuses.js";
import { isScopePattern } from "../state/scope.js";

/** How the body of a delivery is written. */
export const WEBHOOK_FORMATS = ["json", "slack", "ntfy"] as const;
export type WebhookFormat = (typeof WEBHOOK_FORMATS)[number];

/** A text that may be kept elsewhere: in a variable of the server, or in a file that is its owner's alone. */
export type KeptText = string | { readonly env: string } | { readonly file: string };

export interface Webhook {
  /** By this its deliveries are told apart; unique among those that stand together. */
  readonly name: string;
  readonly url: KeptText;
  readonly events: readonly EventType[];
  /** Ids of workflows, `*` for anything; all where missing. */
  readonly workflows?: readonly string[];
  /** Signs the deliveries; unsigned where missing. */
  readonly secret?: KeptText;
  readonly format: WebhookFormat;
  readonly headers: Readonly<Record<string, KeptText>>;
  /** It may lead into a private network or to this machine, and there by http. */
  readonly allowPrivate: boolean;
}

/** A webhook with the folder that its files are found in. */
export interface PlacedWebhook extends Webhook {
  readonly folder: string;
}

/** So many may stand together. */
export const MOST_WEBHOOKS = 20;
export const MOST_HEADERS = 20;
export const MOST_URL_CHARACTERS = 2_000;
export const MOST_NAME_CHARACTERS = 64;
const MOST_VALUE_CHARACTERS = 2_000;

/** The names of headers that say who is meant, how long the body is, or what we say ourselves. */
const OWN_HEADERS = new Set([
  ...["host", "content-length", "content-type", "transfer-encoding", "connection", "upgrade"],
  ...["te", "trailer", "expect", "keep-alive", "proxy-authorization", "proxy-connection"],
  ...["webhook-id", "webhook-timestamp", "webhook-signature", "user-agent"],
]);

/** The fault of an address as it is written; null where nothing is. Where it leads is looked at for each connection. */
export function urlProblem(text: string, allowPrivate: boolean): string | null {
  if (text.length > MOST_URL_CHARACTERS)
    return `must not be longer than ${MOST_URL_CHARACTERS} characters`;
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text))
    return "must be an address that begins with https:// (or http://)";
  const { protocol, username, password } = new URL(text);
  // The text itself is not said: it may have a key in its path.
  if (username !== "" || password !== "")
    return "must not have a user in it: give the header Authorization";
  if (protocol === "http:" && !allowPrivate)
    return "must be https: http is for private addresses, with allow_private: true";
  return null;
}

/** The fault of the name of a header; null where nothing is. */
export function headerNameProblem(name: string): string | null {
  if (!/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/.test(name)) return "is no name of a header";
  return OWN_HEADERS.has(name.toLowerCase()) ? "is a header that Instep sends itself" : null;
}

/** The fault of the value of a header; null where nothing is. */
export function headerValueProblem(value: string): string | null {
  if (value.length > MOST_VALUE_CHARACTERS)
    return `must not be longer than ${MOST_VALUE_CHARACTERS} characters`;
  return /^[\t\x20-\x7e]*$/.test(value) ? null : "must be visible ASCII, in one line";
}

/** The fault of a pattern of ids; null where nothing is. */
export const patternProblem = (pattern: string): string | null =>
  isScopePattern(pattern) ? null : "must be a workflow's id, with or without *";

/** How a webhook without a name is called: by its host, or by where its address is kept. */
export function usualName(url: KeptText): string {
  if (typeof url !== "string") return ("env" in url ? url.env : "file").slice(0, 64);
  return hostOf(url).slice(0, MOST_NAME_CHARACTERS) || "webhook";
}

/** Host and port: all that is ever shown of an address. */
export const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : "");
