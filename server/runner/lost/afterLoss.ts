/** Goes on with workflows whose node is lost and whose definition says so, once nothing of them runs there any more. Every node tries; the store lets one get through. */
import type { Clock } from "../../../shared/clock.js";
import { SyncError } from "../../../shared/errors.js";
import type { Nodes } from "../../cluster/cluster.js";
import type { Log } from "../../log/log.js";
import type { Commits } from "../../state/commits.js";
import { isLive, type LiveRecord, type WorkflowRecord } from "../../state/store/record.js";
import type { Store } from "../../state/store/store.js";
import { SURELY_ENDED_MS } from "../keeper/guardTimes.js";

export interface AfterLossParts {
  readonly nodes: Nodes;
  readonly store: Pick<Store, "open">;
  readonly commits: Pick<Commits, "listen">;
  readonly clock: Pick<Clock, "elapsed" | "after">;
  readonly log: Pick<Log, "error">;
  /** Whether this node runs the workflow, or may have it again still. */
  readonly isHere: (workflow_id: string) => boolean;
  /** Resolves once nothing of that workflow runs on this node. */
  readonly untilGone: (workflow_id: string) => Promise<void>;
  /** Goes on with the workflow as it is in this record, and rejects with SyncError where it is another one by now. `queued`: on whichever node has a place. */
  readonly goOn: (record: LiveRecord, queued: boolean) => Promise<void>;
}

const LOOK_MS = 1_000;

export class AfterLoss {
  readonly #parts: AfterLossParts;
  /** The workflows that go on by themselves. */
  readonly #waiting = new Set<string>();
  /** Since when a node is gone, in elapsed time: as long as we looked on, and no word of others counts. */
  readonly #goneSince = new Map<string, number>();
  readonly #goingOn = new Map<string, Promise<void>>();
  /** It was tried, and nothing came of it: by the last token that was given out. */
  readonly #tried = new Map<string, number>();
  #begun = 0;
  #stops: readonly (() => void)[] = [];
  #cancelLook: (() => void) | null = null;
  #isClosed = false;

  constructor(parts: AfterLossParts) {
    this.#parts = parts;
  }

  begin(): void {
    const { nodes, commits, clock, store } = this.#parts;
    this.#begun = clock.elapsed();
    this.#stops = [
      nodes.listen(({ kind, node: { name } }) => {
        if (kind === "left") this.#goneSince.set(name, clock.elapsed());
        else this.#goneSince.delete(name);
      }),
      commits.listen("runner", (change) => {
        if (change.kind === "committed") this.#see(change.after);
        else if (change.before) this.#forget(change.before.workflow_id);
      }),
    ];
    for (const record of store.open.values()) this.#see(record);
  }

  /** Resolves once nothing is on its way any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const stop of this.#stops) stop();
    this.#cancelLook?.();
    await Promise.all(this.#goingOn.values());
  }

  #see(record: WorkflowRecord): void {
    if (!goesOn(record)) return this.#forget(record.workflow_id);
    this.#waiting.add(record.workflow_id);
    this.#lookLater();
  }

  #forget(workflow_id: string): void {
    this.#waiting.delete(workflow_id);
    this.#tried.delete(workflow_id);
  }

  #lookLater(): void {
    if (this.#isClosed || this.#waiting.size === 0) return;
    this.#cancelLook ??= this.#parts.clock.after(LOOK_MS, () => {
      this.#cancelLook = null;
      for (const workflow_id of this.#waiting) this.#look(workflow_id);
      this.#lookLater();
    });
  }

  #look(workflow_id: string): void {
    const record = this.#parts.store.open.get(workflow_id);
    if (!isLive(record) || this.#goingOn.has(workflow_id) || !this.#isDue(record)) return;
    if (this.#tried.get(workflow_id) === record.fence) return;
    const going = this.#goOn(record).finally(() => this.#goingOn.delete(workflow_id));
    this.#goingOn.set(workflow_id, going);
  }

  /** Where its node is there it is for that node to say, which knows of itself what runs there. */
  #isDue({ workflow_id, state }: LiveRecord): boolean {
    const { nodes, clock, isHere } = this.#parts;
    const { node, interruption } = state;
    if (typeof node !== "string" || !nodes.isSure) return false;
    if (node === nodes.me) return !isHere(workflow_id) && interruption?.processes !== "ending";
    if (nodes.present.has(node)) return false;
    return clock.elapsed() - (this.#goneSince.get(node) ?? this.#begun) >= SURELY_ENDED_MS;
  }

  async #goOn(record: LiveRecord): Promise<void> {
    const { nodes, untilGone, goOn, log, store } = this.#parts;
    const { workflow_id, fence } = record;
    try {
      await untilGone(workflow_id);
      if (this.#isClosed) return;
      await goOn(record, record.state.node !== nodes.me);
      const now = store.open.get(workflow_id);
      if (now && goesOn(now) && now.fence === fence) this.#tried.set(workflow_id, fence);
    } catch (error) {
      // Somebody else was quicker, or the store is out of reach: it is looked at again.
      if (!(error instanceof SyncError))
        log.error({ err: error, workflow_id }, "it does not go on, though its node is away");
    }
  }
}

/** Whether the workflow was told to go on by itself, and nobody has gone on with it yet. */
const goesOn = (record: WorkflowRecord): boolean =>
  isLive(record) &&
  record.state.status === "interrupted" &&
  record.lease === null &&
  record.state.interruption?.goes_on_at !== undefined;
