/** Makes attempts, with code that is loaded for the first of them: a server that tells nobody has no use for it. */
import type { Clock } from "../../shared/clock.js";
import type { Log } from "../log/log.js";
import type { attempt as Attempt, Environment } from "./attempt.js";
import { GIVEN_UP_AFTER_MS } from "./backoff.js";
import type { Delivery } from "./delivery.js";
import type { PlacedWebhook } from "./webhook.js";

export interface AttemptsParts {
  readonly clock: Clock;
  /** 0 to 1, anew at each call. */
  readonly chance: () => number;
  readonly log: Log;
  /** Those of the server's settings. */
  readonly own: readonly PlacedWebhook[];
  readonly env: Environment;
  /** Whether another server may know a webhook that this one does not: while they are started anew one by one. @default false */
  readonly mayBeKnownElsewhere?: boolean | undefined;
  /** The address of a workflow's page; null where nobody knows it. */
  readonly pageOf: (workflow_id: string) => string | null;
}

/** After a fault of our own. */
const AFTER_FAULT_MS = 60_000;

export class Attempts {
  readonly #parts: AttemptsParts;
  #attempt: Promise<typeof Attempt> | null = null;

  constructor(parts: AttemptsParts) {
    this.#parts = parts;
  }

  /** Resolves with the delivery as it is after one try, or after a fault of our own, which is tried again. `signal` ends the try. */
  async make(workflow_id: string, delivery: Delivery, signal: AbortSignal): Promise<Delivery> {
    const { clock, chance, log, own, env, pageOf, mayBeKnownElsewhere = false } = this.#parts;
    try {
      this.#attempt ??= import("./attempt.js").then(({ attempt }) => attempt);
      const attempt = await this.#attempt;
      const named = own.find(({ name }) => name === delivery.webhook) ?? null;
      const webhook = (delivery.own as PlacedWebhook | null) ?? named;
      return await attempt(delivery, webhook, {
        ...{ clock, chance, env, page: pageOf(workflow_id), signal, mayBeKnownElsewhere },
      });
    } catch (error) {
      log.error({ err: error, workflow_id }, "a delivery could not be tried");
      return afterFault(delivery, clock.now());
    }
  }
}

/** It is no try, and is given up after a day of them all the same: what fails each time would be tried for ever. */
function afterFault(delivery: Delivery, now: number): Delivery {
  const error = "the server could not try it: its log says why";
  const last = { at: new Date(now).toISOString(), code: null, error, answer: null };
  const waited = delivery.waited + AFTER_FAULT_MS;
  if (waited > GIVEN_UP_AFTER_MS) return { ...delivery, status: "failed", next_try: null, last };
  return { ...delivery, waited, next_try: now + AFTER_FAULT_MS, last };
}
