/** The answer of REST about the deliveries of webhooks. */
import type { EventType } from "../statuses.js";

/** One event on its way to one webhook. Neither an address nor a secret is in it. */
export interface DeliveryView {
  /** The receiver finds it as `webhook-id`. */
  readonly id: string;
  /** The name of the webhook. */
  readonly webhook: string;
  /** The host that it goes to, `host` or `host:port`; null until that is known. */
  readonly host: string | null;
  readonly event: EventType;
  /** Of the change that it tells of. */
  readonly revision: number;
  /** `failed`: given up; `dropped`: too many waited. */
  readonly status: "waiting" | "delivered" | "failed" | "dropped";
  readonly created_at: string;
  readonly tries: number;
  /** Null where it is over. */
  readonly next_try_at: string | null;
  readonly last_try_at: string | null;
  /** The status code of the last answer; null where nobody has answered. */
  readonly code: number | null;
  /** The reason why the last try failed; null where it did not. */
  readonly error: string | null;
  /** The first line of the last answer. */
  readonly answer: string | null;
}

/** How people are told where a delivery goes: the name of its webhook, with the host where that is not its name. */
export const receiverName = ({ webhook, host }: Pick<DeliveryView, "webhook" | "host">): string =>
  host === null || host === webhook ? webhook : `${webhook} (${host})`;

/** `GET /workflow/state/deliveries`: oldest first. */
export interface DeliveriesAnswer {
  readonly success: true;
  readonly workflow_id: string;
  readonly epoch: string;
  readonly deliveries: readonly DeliveryView[];
}

/** `POST /workflow/state/deliveries/:id/retry`. */
export interface DeliveryRetriedAnswer {
  readonly success: true;
  readonly message: string;
  readonly delivery: DeliveryView;
}
