/** One delivery: an event on its way to one webhook, as it is kept in a file, and as drivers see it. */
import * as z from "zod";
import type { WorkflowEvent } from "../../shared/state/workflowEvent.js";
import { EVENT_TYPES } from "../../shared/statuses.js";
import type { DeliveryView } from "../../shared/wire/deliveries.js";
import { hostOf, type PlacedWebhook, WEBHOOK_FORMATS } from "./webhook.js";

const KeptText = z.union([
  z.string(),
  z.strictObject({ env: z.string() }),
  z.strictObject({ file: z.string() }),
]);

/** A webhook of a definition: kept with its delivery, as the definition may be gone. */
const KeptWebhook = z.object({
  name: z.string(),
  url: KeptText,
  events: z.array(z.enum(EVENT_TYPES)),
  secret: KeptText.optional(),
  format: z.enum(WEBHOOK_FORMATS),
  headers: z.record(z.string(), KeptText),
  allowPrivate: z.boolean(),
  folder: z.string(),
});

const Try = z.object({
  at: z.string(),
  /** Null where nobody answered. */
  code: z.int().nullable(),
  error: z.string().nullable(),
  /** The first line of the answer. */
  answer: z.string().nullable(),
});

const Delivery = z.object({
  /** Also `webhook-id`. */
  id: z.string(),
  /** The name of the webhook. */
  webhook: z.string(),
  /** Null for a webhook of the server's own settings, which are asked by its name. */
  own: KeptWebhook.nullable(),
  /** Null until it is known. */
  host: z.string().nullable(),
  event: z.custom<WorkflowEvent>((value) => typeof value === "object" && value !== null),
  status: z.enum(["waiting", "delivered", "failed", "dropped"]),
  created_at: z.string(),
  /** The times between its tries so far, together, in ms: it is tried for a day of them, whatever the clock of the wall says. */
  waited: z.number().nonnegative(),
  tries: z.int().nonnegative(),
  /** Ms since the Unix epoch; null where it is over. */
  next_try: z.number().nullable(),
  last: Try.nullable(),
});
export type Delivery = z.infer<typeof Delivery>;

const Shelf = z.object({
  format: z.literal(1),
  workflow_id: z.string(),
  epoch: z.string(),
  /** All deliveries of events up to this revision are here, or were. */
  kept: z.int(),
  deliveries: z.array(Delivery),
});
/** All deliveries of one epoch of a workflow: the content of one file. */
export type ShelfFile = z.infer<typeof Shelf>;

/** Throws where it is none. */
export const readShelf = (text: string): ShelfFile => Shelf.parse(JSON.parse(text));

export const isWaiting = ({ status }: Delivery): boolean => status === "waiting";

/** A delivery that was not tried yet. `isOwn`: the webhook is one of the server's settings; `now` is in ms since the Unix epoch. */
export function newDelivery({
  id,
  webhook,
  isOwn,
  event,
  now,
}: {
  readonly id: string;
  readonly webhook: PlacedWebhook;
  readonly isOwn: boolean;
  readonly event: WorkflowEvent;
  readonly now: number;
}): Delivery {
  const { workflows: _, ...kept } = webhook;
  return {
    ...{ id, webhook: webhook.name, event },
    own: isOwn ? null : (kept as Delivery["own"]),
    host: typeof webhook.url === "string" ? hostOf(webhook.url) : null,
    ...{ status: "waiting", created_at: new Date(now).toISOString(), waited: 0, tries: 0 },
    ...{ next_try: now, last: null },
  };
}

/** As drivers see it: no address, no secret. */
export function viewOf(delivery: Delivery): DeliveryView {
  const { id, webhook, host, event, status, created_at, tries, next_try, last } = delivery;
  return {
    ...{
      id,
      webhook,
      host,
      event: event.type,
      revision: event.revision,
      status,
      created_at,
      tries,
    },
    next_try_at: next_try === null ? null : new Date(next_try).toISOString(),
    last_try_at: last?.at ?? null,
    code: last?.code ?? null,
    error: last?.error ?? null,
    answer: last?.answer ?? null,
  };
}
