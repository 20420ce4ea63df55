/**
 * Asks what webhooks were told of one life of a workflow: when somebody first looks at it, at each event of it, and while the list is read as often
 * as it can have changed. Nobody announces a delivery, so what is known is always as of a moment.
 */
import { type ReadonlySignal, signal } from "@preact/signals";
import { type Clock, type DeliveryView, SyncError } from "../../../index.js";
import { parseTime } from "../../look/time.js";
import { isHeld } from "./deliveryWords.js";

export interface ToldWebhooks {
  /** Null until the server has said. */
  readonly deliveries: readonly DeliveryView[] | null;
  /** Server time (ms) when it was asked for these. */
  readonly asOf: number;
  /** Why there is no newer answer; null where the newest one came. */
  readonly trouble: string | null;
}

export interface AskedDeliveriesParts {
  readonly clock: Clock;
  serverNow(): number;
  /** Null where that life of the workflow is gone. Rejects as `rest` does. */
  ask(signal: AbortSignal): Promise<readonly DeliveryView[] | null>;
}

/** Behind the time of a try, which takes a while. */
const TRY_TAKES_MS = 1_000;
/** While one is on its way. */
const SLOWEST_LOOK_MS = 15_000;
const FIRST_AGAIN_MS = 5_000;
const SLOWEST_AGAIN_MS = 60_000;

export class AskedDeliveries {
  readonly #parts: AskedDeliveriesParts;
  readonly #told = signal<ToldWebhooks>({ deliveries: null, asOf: 0, trouble: null });
  #isRead = false;
  #mayAsk = false;
  /** Another answer is wanted, as soon as it may be asked for. */
  #isDue = true;
  #asking: Promise<void> | null = null;
  /** Answers in a row that brought nothing new, or did not come. */
  #inVain = 0;
  /** The server will not say anything else. */
  #isOver = false;
  #cancel: () => void = () => {};
  readonly #stop = new AbortController();

  constructor(parts: AskedDeliveriesParts) {
    this.#parts = parts;
  }

  get told(): ReadonlySignal<ToldWebhooks> {
    return this.#told;
  }

  /** Whether the server can be asked now, and would answer. What is due then is asked for. */
  allow(mayAsk: boolean): void {
    this.#mayAsk = mayAsk;
    if (mayAsk) this.#look();
    else this.#cancel();
  }

  /** Somebody reads the list, or no longer. */
  read(isRead: boolean): void {
    if (isRead && !this.#isRead) this.#isDue = true;
    this.#isRead = isRead;
    this.#look();
  }

  /** There may be more to be told of. Resolves once the server has answered, or has not. */
  async askAgain(): Promise<void> {
    this.#isDue = true;
    this.#isOver = false;
    this.#inVain = 0;
    this.#look();
    while (this.#asking) await this.#asking;
  }

  /** One that the server has just told of. */
  put(delivery: DeliveryView): void {
    const { deliveries, ...told } = this.#told.peek();
    const known = deliveries ?? [];
    this.#told.value = {
      ...told,
      deliveries: known.map((one) => (one.id === delivery.id ? delivery : one)),
    };
  }

  stop(): void {
    this.#mayAsk = false;
    this.#cancel();
    this.#stop.abort();
  }

  #look(): void {
    if (!this.#mayAsk || this.#asking) return;
    this.#cancel();
    if (this.#isDue) {
      this.#isDue = false;
      this.#asking = this.#ask().finally(() => {
        this.#asking = null;
        this.#look();
      });
      return;
    }
    const ms = this.#nextIn();
    if (ms === null) return;
    this.#cancel = this.#parts.clock.after(ms, () => {
      this.#isDue = true;
      this.#look();
    });
  }

  async #ask(): Promise<void> {
    const asOf = this.#parts.serverNow();
    const before = this.#told.peek();
    try {
      const deliveries = await this.#parts.ask(this.#stop.signal);
      if (this.#stop.signal.aborted) return;
      const isNews = JSON.stringify(deliveries) !== JSON.stringify(before.deliveries);
      this.#inVain = isNews ? 0 : this.#inVain + 1;
      this.#isOver = deliveries === null;
      this.#told.value = deliveries
        ? { deliveries, asOf, trouble: null }
        : { ...before, deliveries: before.deliveries ?? [], trouble: GONE };
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      this.#inVain++;
      this.#isOver = error instanceof SyncError && !error.canRetry;
      // A server that has no such list, or does not show it to us, has nothing to be looked at.
      const deliveries = this.#isOver ? (before.deliveries ?? []) : before.deliveries;
      this.#told.value = { ...before, deliveries, trouble: troubleOf(error) };
    }
  }

  /** Null where nothing is to be asked by itself. */
  #nextIn(): number | null {
    const { deliveries, trouble } = this.#told.peek();
    if (this.#isOver) return null;
    if (deliveries === null || (trouble !== null && this.#isRead))
      return Math.min(SLOWEST_AGAIN_MS, FIRST_AGAIN_MS * 2 ** Math.max(0, this.#inVain - 1));
    if (!this.#isRead) return null;
    const next = deliveries
      .filter((one) => one.status === "waiting" && !isHeld(one, deliveries))
      .map(({ next_try_at }) => parseTime(next_try_at) ?? 0);
    if (next.length === 0) return null;
    const left = Math.min(...next) - this.#parts.serverNow();
    if (left > 0) return left + TRY_TAKES_MS;
    return Math.min(SLOWEST_LOOK_MS, TRY_TAKES_MS * 2 ** this.#inVain);
  }
}

const GONE = "This run is not on the server any more.";

const troubleOf = (error: unknown): string =>
  error instanceof SyncError ? `The server refused: ${error.message}.` : "No answer came.";
