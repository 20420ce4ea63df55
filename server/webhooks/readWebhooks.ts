/** Reads a list of webhooks as settings and programs give it: each refusal names its field, and shows no value. */
import path from "node:path";
import { EVENT_TYPES, type EventType } from "../../shared/statuses.js";
import { didYouMean, nearest } from "../../shared/text/nearest.js";
import {
  headerNameProblem,
  headerValueProblem,
  type KeptText,
  MOST_HEADERS,
  MOST_NAME_CHARACTERS,
  MOST_WEBHOOKS,
  patternProblem,
  urlProblem,
  usualName,
  WEBHOOK_FORMATS,
  type Webhook,
} from "./webhook.js";

/** A webhook as it is written; what is missing has its usual value. */
export interface WebhookOptions {
  /** Its address: https://…, or where that is kept. */
  url: KeptText;
  /** The name of its deliveries. @default the host of `url` */
  name?: string;
  /** @default all of them */
  events?: readonly EventType[];
  /** Ids of workflows, `*` for anything. @default all */
  workflows?: readonly string[];
  /** The key that deliveries are signed with. @default they are not */
  secret?: KeptText;
  /** @default json */
  format?: (typeof WEBHOOK_FORMATS)[number];
  headers?: Readonly<Record<string, KeptText>>;
  /** Lets it lead into a private network, or to this machine. @default false */
  allow_private?: boolean;
}

const KEYS = [
  ...["url", "name", "events", "workflows", "secret", "format", "headers", "allow_private"],
];

/** Whether a secret may stand there as it is: a program may bring one, a file that is read by others may not. */
export interface WrittenIn {
  readonly plainSecrets: boolean;
}

/** Throws an Error that names the field: `entry 1: url must be …`. */
export function readWebhooks(given: unknown, { plainSecrets }: WrittenIn): readonly Webhook[] {
  if (!Array.isArray(given)) throw new Error("must be a list of webhooks");
  if (given.length > MOST_WEBHOOKS) throw new Error(`must not be more than ${MOST_WEBHOOKS}`);
  const webhooks = given.map((one, index) => readOne(one, `entry ${index + 1}`, plainSecrets));
  for (const [index, { name }] of webhooks.entries())
    if (webhooks.findIndex((other) => other.name === name) !== index)
      throw new Error(
        `entry ${index + 1}: name: there is another one called ${name}: give each a \`name\``,
      );
  return webhooks;
}

/** The same webhooks as options, with the places of their files as they are found from anywhere. `folder` is absolute. */
export function placedIn(folder: string, webhooks: readonly Webhook[]): readonly WebhookOptions[] {
  const placed = (kept: KeptText): KeptText =>
    typeof kept !== "string" && "file" in kept ? { file: path.resolve(folder, kept.file) } : kept;
  return webhooks.map(({ allowPrivate, url, secret, headers, ...webhook }) => ({
    ...webhook,
    url: placed(url),
    ...(secret !== undefined && { secret: placed(secret) }),
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, placed(value)]),
    ),
    allow_private: allowPrivate,
  }));
}

function readOne(given: unknown, at: string, plainSecrets: boolean): Webhook {
  if (!isObject(given)) throw new Error(`${at}: must be a webhook: \`url\`, and what goes with it`);
  const strange = Object.keys(given).find((key) => !KEYS.includes(key));
  if (strange !== undefined) {
    const meant = nearest(strange, KEYS);
    throw new Error(
      `${at}: ${strange.slice(0, 60)}: no such field${meant ? didYouMean(meant) : ""}`,
    );
  }
  const wrong = (field: string, why: string) => new Error(`${at}: ${field} ${why}`);
  const allowPrivate = given.allow_private ?? false;
  if (typeof allowPrivate !== "boolean") throw wrong("allow_private", "must be true or false");
  if (given.url === undefined || given.url === null) throw wrong("url", "is required");
  const url = keptText(given.url, (why) => wrong("url", why));
  const problem = typeof url === "string" ? urlProblem(url, allowPrivate) : null;
  if (problem !== null) throw wrong("url", problem);
  const secret =
    given.secret === undefined ? undefined : keptText(given.secret, (why) => wrong("secret", why));
  if (typeof secret === "string" && !plainSecrets)
    throw wrong("secret", "must be {env: NAME} or {file: path}: it does not stand here itself");
  const format = given.format ?? "json";
  if (!isOneOf(WEBHOOK_FORMATS, format))
    throw wrong("format", `must be one of ${WEBHOOK_FORMATS.join(", ")}`);
  return {
    name: nameIn(given.name, url, (why) => wrong("name", why)),
    url,
    events: eventsIn(given.events, (why) => wrong("events", why)),
    ...(given.workflows !== undefined && {
      workflows: patternsIn(given.workflows, (why) => wrong("workflows", why)),
    }),
    ...(secret !== undefined && { secret }),
    format,
    headers: headersIn(given.headers ?? {}, (name, why) => wrong(`headers${name}`, why)),
    allowPrivate,
  };
}

type Wrong = (why: string) => Error;

function keptText(given: unknown, wrong: Wrong): KeptText {
  if (typeof given === "string" && given !== "") return given;
  const [[kind, value] = [], ...more] = isObject(given) ? Object.entries(given) : [];
  const isPlace = typeof value === "string" && value !== "" && value.length <= 1_000;
  if (more.length === 0 && isPlace && !value.includes("\0")) {
    if (kind === "env" && /^[A-Za-z_][A-Za-z0-9_]*$/.test(value)) return { env: value };
    if (kind === "file") return { file: value };
  }
  throw wrong("must be text, {env: NAME} or {file: path}");
}

function nameIn(given: unknown, url: KeptText, wrong: Wrong): string {
  if (given === undefined) return usualName(url);
  const isName = typeof given === "string" && /^[\x21-\x7e]+( [\x21-\x7e]+)*$/.test(given);
  if (isName && given.length <= MOST_NAME_CHARACTERS) return given;
  throw wrong(`must be visible ASCII, at most ${MOST_NAME_CHARACTERS} characters`);
}

function eventsIn(given: unknown, wrong: Wrong): readonly EventType[] {
  if (given === undefined) return EVENT_TYPES;
  const isList = Array.isArray(given) && given.length > 0;
  if (!isList || !given.every((one): one is EventType => isOneOf(EVENT_TYPES, one)))
    throw wrong(`must be a list out of ${EVENT_TYPES.join(", ")}`);
  return EVENT_TYPES.filter((one) => given.includes(one));
}

function patternsIn(given: unknown, wrong: Wrong): readonly string[] {
  if (!Array.isArray(given) || given.length === 0 || given.length > 100)
    throw wrong("must be a list of 1 to 100 ids, with or without *");
  for (const pattern of given) {
    const problem = typeof pattern === "string" ? patternProblem(pattern) : "must be text";
    if (problem !== null) throw wrong(problem);
  }
  return given as string[];
}

function headersIn(
  given: unknown,
  wrong: (name: string, why: string) => Error,
): Webhook["headers"] {
  if (!isObject(given)) throw wrong("", "must be a list of Name: value");
  const entries = Object.entries(given);
  if (entries.length > MOST_HEADERS) throw wrong("", `must not be more than ${MOST_HEADERS}`);
  return Object.fromEntries(
    entries.map(([name, raw]) => {
      const at = `.${name.slice(0, 60)}`;
      const value = keptText(raw, (why) => wrong(at, why));
      const problem =
        headerNameProblem(name) ?? (typeof value === "string" ? headerValueProblem(value) : null);
      if (problem !== null) throw wrong(at, problem);
      return [name, value];
    }),
  );
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isOneOf = <T extends string>(known: readonly T[], value: unknown): value is T =>
  (known as readonly unknown[]).includes(value);
