/** Says who is told of an event: the server's own webhooks that want it, and those of the workflow's definition. */
import type { Clock } from "../../shared/clock.js";
import type { WorkflowEvent } from "../../shared/state/workflowEvent.js";
import type { EventType } from "../../shared/statuses.js";
import { Scope } from "../state/scope.js";
import type { WorkflowRecord } from "../state/store/record.js";
import { type Delivery, newDelivery } from "./delivery.js";
import type { PlacedWebhook } from "./webhook.js";

export interface RecipientsParts {
  readonly clock: Clock;
  /** Those of the server's settings. */
  readonly own: readonly PlacedWebhook[];
  /** Those of the definition that a workflow was started from. */
  readonly ofDefinition: (record: WorkflowRecord) => readonly PlacedWebhook[];
}

export class Recipients {
  readonly #parts: RecipientsParts;

  constructor(parts: RecipientsParts) {
    this.#parts = parts;
  }

  /** Whether anybody is told of such an event of this workflow. */
  isAny(record: WorkflowRecord, type: EventType): boolean {
    return this.#of(record, type).length > 0;
  }

  /** One delivery for each who is told; their ids begin with `id`, which is unique for the event. */
  deliveriesOf(record: WorkflowRecord, id: string, event: WorkflowEvent): readonly Delivery[] {
    const { own, clock } = this.#parts;
    return this.#of(record, event.type).map((webhook, index) =>
      newDelivery({
        id: `${id}_${index}`,
        ...{ webhook, isOwn: own.includes(webhook), event, now: clock.now() },
      }),
    );
  }

  #of(record: WorkflowRecord, type: EventType): readonly PlacedWebhook[] {
    const { own, ofDefinition } = this.#parts;
    const meant = own.filter(
      ({ workflows }) => workflows === undefined || new Scope(workflows).has(record.workflow_id),
    );
    return [...meant, ...ofDefinition(record)].filter(({ events }) => events.includes(type));
  }
}
