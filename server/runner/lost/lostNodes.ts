/** Says of the workflows under the lease of a node that is away that they are interrupted. Every node does so; the store lets one get through. */
import type { Clock } from "../../../shared/clock.js";
import type { Nodes } from "../../cluster/cluster.js";
import type { Log } from "../../log/log.js";
import type { Commits } from "../../state/commits.js";
import type { LostNode } from "../../state/rules/nodeLoss.js";
import { isLive, type LiveRecord, type WorkflowRecord } from "../../state/store/record.js";
import type { Store } from "../../state/store/store.js";
import type { Workflows } from "../../state/workflows.js";
import { SURELY_ENDED_MS } from "../keeper/guardTimes.js";

export interface LostNodesParts {
  readonly nodes: Nodes;
  readonly store: Pick<Store, "open">;
  readonly commits: Pick<Commits, "listen">;
  readonly workflows: Pick<Workflows, "say">;
  readonly clock: Pick<Clock, "after" | "now">;
  readonly log: Pick<Log, "warn" | "error">;
  /** How a workflow goes on by itself whose node is lost, from that moment on; as `goesOnAfterLoss`. */
  readonly goesOn: (record: LiveRecord, at: string) => LostNode["goesOn"];
}

const AGAIN_MS = 1_000;

export class LostNodes {
  readonly #parts: LostNodesParts;
  readonly #saying = new Map<string, Promise<void>>();
  #stops: readonly (() => void)[] = [];
  #cancelAgain: (() => void) | null = null;
  #isClosed = false;

  constructor(parts: LostNodesParts) {
    this.#parts = parts;
  }

  begin(): void {
    const { nodes, commits } = this.#parts;
    this.#stops = [
      nodes.listen(({ kind }) => {
        if (kind === "left") this.#lookAtAll();
      }),
      // Also one whose question was answered while its node is away.
      commits.listen("runner", (change) => {
        if (change.kind === "committed") this.#lookAt(change.after);
      }),
    ];
    this.#lookAtAll();
  }

  /** Resolves once nothing is being said any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const stop of this.#stops) stop();
    this.#cancelAgain?.();
    await Promise.all(this.#saying.values());
  }

  #lookAtAll(): void {
    for (const record of this.#parts.store.open.values()) this.#lookAt(record);
  }

  #lookAt(record: WorkflowRecord): void {
    if (!this.#isLost(record) || this.#isClosed) return;
    const { workflow_id } = record;
    if (this.#saying.has(workflow_id)) return;
    // One that the others may take for lost itself has an old picture.
    if (!this.#parts.nodes.isSure) return this.#lookAgain();
    const saying = this.#say(record).finally(() => this.#saying.delete(workflow_id));
    this.#saying.set(workflow_id, saying);
  }

  /** A question outlives its node: nothing of it ran while it was asked. */
  #isLost(record: WorkflowRecord): record is LiveRecord & { readonly lease: { node: string } } {
    if (!isLive(record) || record.state.status !== "running") return false;
    const { boot_id, node } = record.lease ?? {};
    return boot_id !== undefined && node !== undefined && this.#isAway(node);
  }

  #isAway(node: string): boolean {
    const { nodes } = this.#parts;
    return node !== nodes.me && !nodes.present.has(node);
  }

  async #say(record: LiveRecord & { readonly lease: { node: string } }): Promise<void> {
    const { workflows, nodes, store, clock, log, goesOn: goesOnOf } = this.#parts;
    const { workflow_id, lease } = record;
    const { node, token } = lease as { node: string; token: number };
    const surelyEnded = new Date(clock.now() + SURELY_ENDED_MS).toISOString();
    const goesOn = goesOnOf(record, surelyEnded);
    const lost = { node, since: nodes.awaySince(node), ...(goesOn && { goesOn }) };
    // Of a record that has moved on other words may be right.
    const isAsKnown = (now: WorkflowRecord) => !goesOn || now.revision === record.revision;
    const isStillSo = (now: WorkflowRecord) =>
      now.lease?.token === token && this.#isLost(now) && isAsKnown(now);
    try {
      const command = { kind: "interrupt", reason: "node_lost", lost } as const;
      await workflows.say(workflow_id, command, isStillSo);
      const now = store.open.get(workflow_id);
      if (!this.#isClosed && now && this.#isLost(now)) this.#lookAgain();
    } catch (error) {
      log.error({ err: error, workflow_id, node }, "not interrupted, though its node is away");
      if (!this.#isClosed) this.#lookAgain();
    }
  }

  #lookAgain(): void {
    this.#cancelAgain ??= this.#parts.clock.after(AGAIN_MS, () => {
      this.#cancelAgain = null;
      this.#lookAtAll();
    });
  }
}
