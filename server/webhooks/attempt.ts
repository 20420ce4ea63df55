/** Tries one delivery once: reads what its webhook needs, signs, sends, and says what became of it. */
import type { Clock } from "../../shared/clock.js";
import { printable } from "../../shared/text/printable.js";
import { delayAfter, GIVEN_UP_AFTER_MS, wishedDelay } from "./backoff.js";
import { bodyOf } from "./bodies.js";
import type { Delivery } from "./delivery.js";
import { type Environment, type ReadWebhook, readTexts, UnusableWebhook } from "./keptTexts.js";
import { maskOf } from "./masking.js";
import { type Posted, post } from "./post.js";
import { signatureHeaders } from "./signature.js";
import { hostOf, type PlacedWebhook } from "./webhook.js";

export type { Environment };

export interface AttemptTools {
  readonly clock: Clock;
  /** 0 to 1, anew at each call. */
  readonly chance: () => number;
  readonly env: Environment;
  /** The workflow's page. */
  readonly page: string | null;
  readonly signal: AbortSignal;
  /** As in AttemptsParts. */
  readonly mayBeKnownElsewhere?: boolean | undefined;
  /** As `post` in post.ts. */
  readonly post?: typeof post;
}

const ERROR_CHARACTERS = 300;
const ANSWER_CHARACTERS = 200;
/** The receiver wants no more of it. */
const GONE = 410;

/** The delivery as it is afterwards. `webhook` is null where none is called so any more. Never rejects; where `signal` has said so, the result means nothing. */
export async function attempt(
  delivery: Delivery,
  webhook: PlacedWebhook | null,
  tools: AttemptTools,
): Promise<Delivery> {
  if (webhook === null && tools.mayBeKnownElsewhere)
    return later(
      delivery,
      lastOf(tools, null, "no webhook of this server is called so"),
      null,
      tools,
    );
  if (webhook === null)
    return over(delivery, "failed", lastOf(tools, null, "no webhook is called so any more"));
  try {
    const texts = await readTexts(webhook, tools.env);
    const known = { ...delivery, host: hostOf(texts.url.href) };
    return settled(known, await send(delivery, webhook, texts, tools), texts, tools);
  } catch (error) {
    if (!(error instanceof UnusableWebhook)) throw error;
    return later(delivery, lastOf(tools, null, error.message), null, tools);
  }
}

/** One try. */
function send(
  { id, event }: Delivery,
  { format, allowPrivate }: PlacedWebhook,
  { url, secret, headers: own }: ReadWebhook,
  { clock, page, signal, post: sends = post }: AttemptTools,
): Promise<Posted> {
  const { body, headers } = bodyOf(format, id, event, page);
  const signed = signatureHeaders({ id, at: clock.now(), body }, secret);
  // The operator's own headers win over the usual ones of a format, and never over the signature.
  const all = { ...lowerCase(headers), ...lowerCase(own), ...signed };
  return sends({ url, headers: all, body, allowPrivate, clock, signal });
}

const lowerCase = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

function settled(
  delivery: Delivery,
  { code, error, answer, retryAfter }: Posted,
  texts: ReadWebhook,
  tools: AttemptTools,
): Delivery {
  const masked = maskOf(texts);
  const [line = ""] = answer.split(/[\r\n]+/).filter((one) => one.trim() !== "");
  const said = line === "" ? null : printable(masked(line), ANSWER_CHARACTERS);
  const why = error === null ? whyNot(code) : printable(masked(error), ERROR_CHARACTERS);
  const last = { ...lastOf(tools, code, why), answer: said };
  if (why === null) return over(delivery, "delivered", last);
  if (code === GONE) return over(delivery, "failed", last);
  return later(delivery, last, wishedDelay(retryAfter, tools.clock.now()), tools);
}

/** Null where it was delivered. */
function whyNot(code: number | null): string | null {
  if (code === null) return "nobody answered";
  if (code >= 200 && code < 300) return null;
  if (code === GONE) return `${code}: it wants no more`;
  return code >= 300 && code < 400 ? `${code}: redirects are not followed` : `answered ${code}`;
}

function later(
  delivery: Delivery,
  last: Delivery["last"],
  wishedMs: number | null,
  { clock, chance }: AttemptTools,
): Delivery {
  const tries = delivery.tries + 1;
  const delay = delayAfter(tries, chance(), wishedMs);
  const waited = delivery.waited + delay;
  if (waited > GIVEN_UP_AFTER_MS) return over(delivery, "failed", last);
  return { ...delivery, tries, waited, next_try: clock.now() + delay, last };
}

const over = (
  delivery: Delivery,
  status: Delivery["status"],
  last: Delivery["last"],
): Delivery => ({ ...delivery, status, tries: delivery.tries + 1, next_try: null, last });

const lastOf = ({ clock }: AttemptTools, code: number | null, error: string | null) => ({
  at: new Date(clock.now()).toISOString(),
  code,
  error,
  answer: null,
});
