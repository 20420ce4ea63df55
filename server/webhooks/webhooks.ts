/** Tells webhooks of ends, questions and interruptions: each event at least once, and none of a change that a crash could take back. */
import { SyncError } from "../../shared/errors.js";
import type { WorkflowEvent } from "../../shared/state/workflowEvent.js";
import type { EventType } from "../../shared/statuses.js";
import type { DeliveryView } from "../../shared/wire/deliveries.js";
import type { Commits } from "../state/commits.js";
import { Scope } from "../state/scope.js";
import { isLive, type UntoldEvent, type WorkflowRecord } from "../state/store/record.js";
import type { Committed, Store } from "../state/store/store.js";
import { type Telling, withUntold } from "../state/untold.js";
import { Attempts, type AttemptsParts } from "./attempts.js";
import { dropped, tooMany } from "./bounds.js";
import { type Delivery, isWaiting, newDelivery, viewOf } from "./delivery.js";
import { Dispatch } from "./dispatch.js";
import type { Outbox, Shelf } from "./outbox.js";
import type { PlacedWebhook } from "./webhook.js";

export interface WebhooksParts extends AttemptsParts {
  readonly store: Store;
  readonly commits: Commits;
  readonly outbox: Outbox;
  /** Those of the definition that a workflow was started from. */
  readonly ofDefinition: (record: WorkflowRecord) => readonly PlacedWebhook[];
  /** Hears what became of each try. Missing where nobody counts. */
  readonly onTried?: ((result: Delivery["status"]) => void) | undefined;
}

export class Webhooks implements Telling {
  readonly #parts: WebhooksParts;
  readonly #attempts: Attempts;
  readonly #dispatch: Dispatch;
  readonly #stop = new AbortController();
  #stopListening = () => {};

  constructor(parts: WebhooksParts) {
    this.#parts = parts;
    this.#attempts = new Attempts(parts);
    const { shelves } = parts.outbox;
    this.#dispatch = new Dispatch({
      ...{ clock: parts.clock, shelves },
      attempt: ({ shelf, delivery }) => this.#try(shelf, delivery),
    });
    parts.outbox.whenKeptLate(({ epoch }) => {
      this.#dispatch.look();
      this.#tidy(epoch);
    });
  }

  /** Resolves once what earlier servers have not told is kept, or the disk has refused that. From then on events are told, until `close`. */
  async begin(): Promise<void> {
    const { store, commits, outbox } = this.#parts;
    this.#stopListening = commits.listen("runner", (change) => this.#see(change));
    for (const record of [...store.open.values(), ...store.history.values()]) {
      this.#take(record);
      await this.untilKept(record)?.catch(() => {});
    }
    for (const shelf of [...outbox.shelves.values()]) this.#tidy(shelf.epoch);
    this.#dispatch.look();
  }

  readonly mark: Telling["mark"] = (before, after) =>
    withUntold(before, after, {
      isMeant: (record, type) => this.#meantBy(record, type).length > 0,
      isKept: (event) => this.#isKept(event),
    });

  readonly untilKept: Telling["untilKept"] = (record) => {
    const left = (record.untold ?? []).filter((event) => !this.#isKept(event));
    return left.length === 0 ? null : this.#keep(record, left);
  };

  /** Resolves once every delivery of the workflow that could be tried was. */
  async untilTried(workflow_id: string): Promise<void> {
    const record = this.#parts.store.open.get(workflow_id);
    if (record) await this.untilKept(record)?.catch(() => {});
    this.#dispatch.look();
    await this.#dispatch.untilTried(workflow_id);
  }

  /**
   * Resolves with those of the record's epoch, oldest first, once those of all that has happened to it are durable: who heard of an end finds its
   * deliveries. Rejects with SyncError `not_saved` where the disk refuses that.
   */
  async deliveriesOf(record: WorkflowRecord): Promise<readonly DeliveryView[]> {
    await this.untilKept(record);
    return this.keptDeliveriesOf(record.epoch);
  }

  /** Those of one epoch of a workflow, oldest first, as far as a crash could not take it back. */
  keptDeliveriesOf(epoch: string): readonly DeliveryView[] {
    return (this.#parts.outbox.shelves.get(epoch)?.keptDeliveries ?? []).map(viewOf);
  }

  /** How many are still to be made. */
  get waiting(): number {
    const all = [...this.#parts.outbox.shelves.values()];
    return all.reduce((sum, { deliveries }) => sum + deliveries.filter(isWaiting).length, 0);
  }

  /** Sends one again, also one that is over. Resolves once that is durable. Rejects with SyncError `not_found`, or where the disk refuses. */
  async retry(epoch: string, id: string): Promise<DeliveryView> {
    const { outbox, clock } = this.#parts;
    const find = () => {
      const shelf = outbox.shelves.get(epoch);
      const delivery = shelf?.deliveries.find((one) => one.id === id);
      if (shelf && delivery) return { shelf, delivery };
      throw new SyncError("not_found", "there is no such delivery");
    };
    let { shelf, delivery } = find();
    if (this.#dispatch.isRunning(id)) {
      // It is on its way; or that is over, and about to be kept.
      if (isWaiting(delivery)) return viewOf(delivery);
      await this.#dispatch.untilEnded(id);
      // A delivery that was over may be gone with its workflow by now.
      ({ shelf, delivery } = find());
    }
    const again: Delivery = {
      ...delivery,
      ...{ status: "waiting", waited: 0, next_try: clock.now() },
    };
    replace(shelf, again);
    this.#dispatch.moved(id);
    this.#bound();
    try {
      await this.#saved(shelf);
    } catch (error) {
      // A refused wish does not happen later.
      if (shelf.deliveries.includes(again) && !this.#dispatch.isRunning(id))
        replace(shelf, delivery);
      throw error;
    }
    this.#dispatch.look();
    return viewOf(shelf.deliveries.find((one) => one.id === id) ?? again);
  }

  /** Ends what is under way; it is told by the next server. */
  async close(): Promise<void> {
    this.#stopListening();
    this.#stop.abort();
    await this.#dispatch.close();
    await this.#parts.outbox.close();
  }

  #see(change: Committed): void {
    if (change.kind === "committed") this.#take(change.after);
    const { before } = change;
    const isGone = change.kind !== "committed" || change.after.epoch !== before?.epoch;
    if (before && (isGone || !isLive(change.after))) this.#tidy(before.epoch);
  }

  #isKept({ epoch, revision }: UntoldEvent): boolean {
    return revision <= (this.#parts.outbox.shelves.get(epoch)?.kept ?? -1);
  }

  #meantBy(record: WorkflowRecord, type: EventType): readonly PlacedWebhook[] {
    const { own, ofDefinition } = this.#parts;
    const meant = own.filter(
      ({ workflows }) => workflows === undefined || new Scope(workflows).has(record.workflow_id),
    );
    return [...meant, ...ofDefinition(record)].filter(({ events }) => events.includes(type));
  }

  #take(record: WorkflowRecord): void {
    const { outbox, clock } = this.#parts;
    const taken = new Set<Shelf>();
    for (const { epoch, revision, event } of record.untold ?? []) {
      const shelf = outbox.shelfOf(record.workflow_id, epoch);
      if (revision <= shelf.taken) continue;
      const told = event as unknown as WorkflowEvent;
      const meant = this.#meantBy(record, told.type);
      const deliveries = meant.map((webhook, index) =>
        newDelivery({
          id: `${epoch}_${revision}_${index}`,
          ...{ webhook, isOwn: this.#parts.own.includes(webhook), event: told, now: clock.now() },
        }),
      );
      shelf.taken = revision;
      shelf.deliveries = [...shelf.deliveries, ...deliveries];
      taken.add(shelf);
    }
    if (taken.size === 0) return;
    this.#bound();
    for (const shelf of taken) {
      this.#saved(shelf).then(
        () => this.#dispatch.lookAtOne(record.workflow_id),
        (error: unknown) =>
          this.#parts.log.error(
            { err: error, workflow_id: record.workflow_id },
            "the deliveries of webhooks could not be kept; that is tried again",
          ),
      );
    }
  }

  async #keep(record: WorkflowRecord, left: readonly UntoldEvent[]): Promise<void> {
    this.#take(record);
    for (const epoch of new Set(left.map((event) => event.epoch))) {
      const shelf = this.#parts.outbox.shelves.get(epoch);
      if (shelf && shelf.kept < shelf.taken) await this.#saved(shelf);
    }
    // The write that was refused before was to begin them.
    this.#dispatch.lookAtOne(record.workflow_id);
  }

  #saved(shelf: Shelf): Promise<void> {
    return this.#parts.outbox.save(shelf).catch((error: unknown) => {
      throw new SyncError("not_saved", "what webhooks are to be told of could not be kept", {
        cause: error,
      });
    });
  }

  /** Nothing is left of an epoch that is gone, once all of it was told. */
  #tidy(epoch: string): void {
    const { outbox, store } = this.#parts;
    const shelf = outbox.shelves.get(epoch);
    if (!shelf || shelf.deliveries.some(isWaiting) || store.history.has(epoch)) return;
    const open = store.open.get(shelf.workflow_id);
    const isOpen = isLive(open) && open.epoch === epoch;
    // A record that says it has to be told would have it told again.
    if (isOpen || open?.untold?.some((event) => event.epoch === epoch)) return;
    void outbox.remove(epoch);
  }

  /** Lets the oldest fall out where too many wait. */
  #bound(): void {
    const { outbox, log } = this.#parts;
    const isRunning = (id: string) => this.#dispatch.isRunning(id);
    for (const { shelf, delivery } of tooMany(outbox.shelves, isRunning)) {
      replace(shelf, dropped(delivery));
      const { workflow_id } = shelf;
      log.warn({ workflow_id, webhook: delivery.webhook }, "a webhook is not told: too many wait");
      void this.#saved(shelf).catch(() => {});
    }
  }

  async #try(shelf: Shelf, delivery: Delivery): Promise<void> {
    const { log } = this.#parts;
    const { workflow_id } = shelf;
    const tried = await this.#attempts.make(workflow_id, delivery, this.#stop.signal);
    if (this.#stop.signal.aborted) return;
    this.#parts.onTried?.(tried.status);
    replace(shelf, tried);
    if (tried.status === "failed")
      log.warn(
        { workflow_id, webhook: tried.webhook, host: tried.host, why: tried.last?.error },
        "a webhook could not be told, and is given up",
      );
    try {
      await this.#saved(shelf);
      this.#tidy(shelf.epoch);
    } catch (error) {
      log.error({ err: error, workflow_id }, "what became of a delivery could not be kept");
    }
  }
}

function replace(shelf: Shelf, delivery: Delivery): void {
  shelf.deliveries = shelf.deliveries.map((one) => (one.id === delivery.id ? delivery : one));
}
