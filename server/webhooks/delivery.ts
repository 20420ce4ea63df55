/** One delivery: an event on its way to one webhook, as it is kept in a file, and as drivers see it. */
import * as z from "zod";
import type { WorkflowEvent } from "../../shared/state/workflowEvent.js";
import { EVENT_TYPES } from "../../shared/statuses.js";
import type { DeliveryView } from "../../shared/wire/deliveries.js";
import { laterFormat } from "../machine/laterFormat.js";
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

const Text = z.string().nullable();
/** The parts of an event that bodies are made of: one that lacks some could never be sent. */
const KeptEvent = z.looseObject({
  ...{ type: z.enum(EVENT_TYPES), workflow_id: z.string(), epoch: z.string() },
  ...{ revision: z.int(), timestamp: z.string(), status: z.string() },
  ...{ name: Text, title: Text, definition: Text, by: Text, start_time: z.string() },
  ...{ end_time: Text, step: z.looseObject({ index: z.int(), title: Text }), steps: z.int() },
  ...{ error: Text, question: Text, reason: Text },
}) as unknown as z.ZodType<WorkflowEvent>;

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
  event: KeptEvent,
  status: z.enum(["waiting", "delivered", "failed", "dropped"]),
  created_at: z.string(),
  /** The times between its tries so far, together, in ms: it is tried for a day of them, whatever the clock of the wall says. A file that was written before there was one counts anew. */
  waited: z.number().nonnegative().default(0),
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

/** A file that a later version has written. */
export class LaterShelf extends Error {}

/** Throws, in words, where it is none: LaterShelf where another format may say more. */
export function readShelf(text: string): ShelfFile {
  const given = parsed(text);
  const later = laterFormat(given);
  if (later !== null) throw new LaterShelf(`it is of format ${later}, as a later version wrote it`);
  const read = Shelf.safeParse(given);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new Error(`${issue?.path.join(".") || "it"}: ${issue?.message}`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error("it is no JSON, or not whole");
  }
}

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
