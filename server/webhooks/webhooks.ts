/** Tells webhooks of ends, questions and interruptions: each event at least once, and none of a change that a crash could take back. */
import { SyncError } from "../../shared/errors.js";
import { pauseFor } from "../../shared/pause.js";
import type { WorkflowEvent } from "../../shared/state/workflowEvent.js";
import type { DeliveryView } from "../../shared/wire/deliveries.js";
import type { Commits } from "../state/commits.js";
import { isLive, type UntoldEvent, type WorkflowRecord } from "../state/store/record.js";
import type { Committed, Store } from "../state/store/store.js";
import { type Telling, withUntold } from "../state/untold.js";
import { Attempts, type AttemptsParts } from "./attempts.js";
import { tooMany } from "./bounds.js";
import { type Delivery, isWaiting, viewOf } from "./delivery.js";
import { Dispatch } from "./dispatch.js";
import type { Duty } from "./duty.js";
import type { Outbox, Shelf, ShelfChange } from "./outbox.js";
import { Recipients, type RecipientsParts } from "./recipients.js";
import { fallenOut, type TakenEvent, taking, tried, unwished, wished } from "./shelfChanges.js";

export interface WebhooksParts extends AttemptsParts, RecipientsParts {
  readonly store: Store;
  readonly commits: Commits;
  readonly outbox: Outbox;
  /** Missing for a server alone, which tells all. */
  readonly duty?: Duty | undefined;
  /** Hears what became of each try. Missing where nobody counts. */
  readonly onTried?: ((result: Delivery["status"]) => void) | undefined;
}

/** How long a server waits for another one to try what is due, and how often it looks. */
const ELSEWHERE_MS = 30_000;
const LOOK_MS = 200;

export class Webhooks implements Telling {
  readonly #parts: WebhooksParts;
  readonly #attempts: Attempts;
  readonly #recipients: Recipients;
  readonly #dispatch: Dispatch;
  readonly #stop = new AbortController();
  /** In a cluster: the records that this server has made. It takes their events, so that several do not write the same. */
  readonly #marked = new WeakSet<WorkflowRecord>();
  #stopListening = () => {};

  constructor(parts: WebhooksParts) {
    this.#parts = parts;
    this.#attempts = new Attempts(parts);
    this.#recipients = new Recipients(parts);
    const { shelves } = parts.outbox;
    this.#dispatch = new Dispatch({
      ...{ clock: parts.clock, shelves, mayBegin: () => this.#tells },
      attempt: ({ shelf, delivery }) => this.#try(shelf, delivery),
    });
    parts.outbox.whenMoved(({ epoch, workflow_id }) => {
      this.#bound();
      this.#dispatch.lookAtOne(workflow_id);
      this.#tidy(epoch);
    });
  }

  /**
   * From then on events are told, until `close`. Of a server alone: resolves once what earlier servers have not told is kept, or the disk has refused that.
   * In a cluster whoever has the duty sees to that.
   */
  async begin(): Promise<void> {
    const { store, commits, duty } = this.#parts;
    this.#stopListening = commits.listen("runner", (change) => this.#see(change));
    if (duty) return duty.begin(() => this.#lookAtAll());
    for (const record of [...store.open.values(), ...store.history.values()])
      await this.untilKept(record)?.catch(() => {});
    this.#lookAtAll();
  }

  readonly mark: Telling["mark"] = (before, after) => {
    const marked = withUntold(before, after, {
      isMeant: (record, type) => this.#recipients.isAny(record, type),
      isKept: (event) => this.#isKept(event),
    });
    if (this.#parts.duty) this.#marked.add(marked);
    return marked;
  };

  readonly untilKept: Telling["untilKept"] = (record) => {
    const left = (record.untold ?? []).filter((event) => !this.#isKept(event));
    return left.length === 0 ? null : this.#keep(record, left);
  };

  /** Resolves once every delivery of the workflow that could be tried was; where another server does that, after 30 s at the latest. */
  async untilTried(workflow_id: string): Promise<void> {
    const record = this.#parts.store.open.get(workflow_id);
    if (record) await this.untilKept(record)?.catch(() => {});
    this.#dispatch.look();
    await this.#dispatch.untilTried(workflow_id);
    const { clock } = this.#parts;
    const until = clock.elapsed() + ELSEWHERE_MS;
    const isOver = () => this.#tells || clock.elapsed() >= until || this.#stop.signal.aborted;
    while (!isOver() && this.#dispatch.isDue(workflow_id))
      await pauseFor(clock, LOOK_MS, this.#stop.signal);
  }

  /**
   * Resolves with those of the record's epoch, oldest first, once those of all that has happened to it are durable: who heard of an end finds its
   * deliveries, also those of which another server knows. Rejects with SyncError `not_saved` where the disk refuses that.
   */
  async deliveriesOf(record: WorkflowRecord): Promise<readonly DeliveryView[]> {
    await this.#parts.outbox.hear?.(record.epoch);
    await this.untilKept(record);
    return this.keptDeliveriesOf(record.epoch);
  }

  /** Those of one epoch of a workflow, oldest first, as far as a crash could not take it back. */
  keptDeliveriesOf(epoch: string): readonly DeliveryView[] {
    return (this.#parts.outbox.shelves.get(epoch)?.keptDeliveries ?? []).map(viewOf);
  }

  /** How many are still to be made by this server: none while another one has the duty. */
  get waiting(): number {
    if (!this.#tells) return 0;
    const all = [...this.#parts.outbox.shelves.values()];
    return all.reduce((sum, { deliveries }) => sum + deliveries.filter(isWaiting).length, 0);
  }

  /** Sends one again, also one that is over. Resolves once that is durable. Rejects with SyncError `not_found`, or where the disk refuses. */
  async retry(epoch: string, id: string): Promise<DeliveryView> {
    const { outbox, clock } = this.#parts;
    await outbox.hear?.(epoch);
    if (this.#dispatch.isRunning(id)) {
      // It is on its way; or that is over, and about to be kept.
      const { delivery } = this.#find(epoch, id);
      if (isWaiting(delivery)) return viewOf(delivery);
      await this.#dispatch.untilEnded(id);
    }
    // A delivery that was over may be gone with its workflow by now.
    const { shelf, delivery } = this.#find(epoch, id);
    const at = clock.now();
    const keeping = this.#change(shelf, wished(id, at));
    this.#bound();
    const { delivery: again } = this.#find(epoch, id);
    try {
      await keeping;
    } catch (error) {
      // A refused wish does not happen later.
      if (!this.#dispatch.isRunning(id)) outbox.amend(shelf, unwished(delivery, at));
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
    await this.#parts.duty?.close();
    await this.#parts.outbox.close();
  }

  get #tells(): boolean {
    const { duty } = this.#parts;
    return duty === undefined || duty.term !== null;
  }

  #see(change: Committed): void {
    const isOurs = (record: WorkflowRecord) => !this.#parts.duty || this.#marked.has(record);
    if (change.kind === "committed" && isOurs(change.after)) this.#take(change.after);
    const { before } = change;
    const isGone = change.kind !== "committed" || change.after.epoch !== before?.epoch;
    if (before && (isGone || !isLive(change.after))) this.#tidy(before.epoch);
  }

  /** Also what a server has left that is gone by now. */
  #lookAtAll(): void {
    const { store, outbox } = this.#parts;
    for (const record of [...store.open.values(), ...store.history.values()])
      if (record.untold?.some((event) => !this.#isKept(event))) this.#take(record);
    for (const epoch of [...outbox.shelves.keys()]) this.#tidy(epoch);
    this.#bound();
    this.#dispatch.look();
  }

  #find(epoch: string, id: string): { readonly shelf: Shelf; readonly delivery: Delivery } {
    const shelf = this.#parts.outbox.shelves.get(epoch);
    const delivery = shelf?.deliveries.find((one) => one.id === id);
    if (shelf && delivery) return { shelf, delivery };
    throw new SyncError("not_found", "there is no such delivery");
  }

  #isKept({ epoch, revision }: UntoldEvent): boolean {
    return revision <= (this.#parts.outbox.shelves.get(epoch)?.kept ?? -1);
  }

  #take(record: WorkflowRecord): void {
    const { outbox, log } = this.#parts;
    const taken = new Map<Shelf, TakenEvent[]>();
    for (const { epoch, revision, event } of record.untold ?? []) {
      const shelf = outbox.shelfOf(record.workflow_id, epoch);
      if (revision <= shelf.taken) continue;
      const told = event as unknown as WorkflowEvent;
      const id = `${epoch}_${revision}`;
      const deliveries = this.#recipients.deliveriesOf(record, id, told);
      taken.set(shelf, [...(taken.get(shelf) ?? []), { revision, deliveries }]);
    }
    if (taken.size === 0) return;
    for (const [shelf, events] of taken) {
      this.#change(shelf, taking(events)).then(
        () => this.#dispatch.lookAtOne(record.workflow_id),
        (error: unknown) =>
          log.error(
            { err: error, workflow_id: record.workflow_id },
            "the deliveries of webhooks could not be kept; that is tried again",
          ),
      );
    }
    this.#bound();
  }

  async #keep(record: WorkflowRecord, left: readonly UntoldEvent[]): Promise<void> {
    this.#take(record);
    for (const epoch of new Set(left.map((event) => event.epoch))) {
      const shelf = this.#parts.outbox.shelves.get(epoch);
      if (shelf && shelf.kept < shelf.taken) await this.#change(shelf, (content) => content);
    }
    // The write that was refused before was to begin them.
    this.#dispatch.lookAtOne(record.workflow_id);
  }

  #change(shelf: Shelf, by: ShelfChange): Promise<void> {
    return this.#parts.outbox.change(shelf, by).catch((error: unknown) => {
      throw new SyncError("not_saved", "what webhooks are to be told of could not be kept", {
        cause: error,
      });
    });
  }

  /** Nothing is left of an epoch that is gone, once all of it was told. */
  #tidy(epoch: string): void {
    const { outbox, store } = this.#parts;
    const shelf = this.#tells ? outbox.shelves.get(epoch) : undefined;
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
    if (!this.#tells) return;
    const isRunning = (id: string) => this.#dispatch.isRunning(id);
    for (const { shelf, delivery } of tooMany(outbox.shelves, isRunning)) {
      const { workflow_id } = shelf;
      log.warn({ workflow_id, webhook: delivery.webhook }, "a webhook is not told: too many wait");
      this.#change(shelf, fallenOut(delivery.id)).catch(() => {});
    }
  }

  async #try(shelf: Shelf, delivery: Delivery): Promise<void> {
    const { log, duty } = this.#parts;
    const { workflow_id } = shelf;
    const signal = AbortSignal.any([this.#stop.signal, ...(duty?.term ? [duty.term] : [])]);
    const after = await this.#attempts.make(workflow_id, delivery, signal);
    // Where it is not ours any more, whoever has it tries it anew.
    if (signal.aborted) return;
    this.#parts.onTried?.(after.status);
    if (after.status === "failed")
      log.warn(
        { workflow_id, webhook: after.webhook, host: after.host, why: after.last?.error },
        "a webhook could not be told, and is given up",
      );
    try {
      await this.#change(shelf, tried(delivery, after));
      this.#tidy(shelf.epoch);
    } catch (error) {
      log.error({ err: error, workflow_id }, "what became of a delivery could not be kept");
    }
  }
}
