/** Decides which of the server's own workflows may run now: so many at once, and of a group as many as it allows. The others wait in order. */
import { SyncError } from "../../../shared/errors.js";
import type { Limits } from "../../../shared/limits.js";
import type { Concurrency, Queued } from "../../../shared/schema/workflow.js";
import type { Cluster } from "../../cluster/cluster.js";
import type { Log } from "../../log/log.js";
import type { RunnerLease, WaitsFor } from "../../state/rules/submission.js";
import { isLive, type LiveRecord, type WorkflowRecord } from "../../state/store/record.js";
import type { Store } from "../../state/store/store.js";
import type { Workflows } from "../../state/workflows.js";
import { busyIn } from "./busy.js";
import { type Fit, fitOf } from "./fitting.js";
import { type Claim, type Group, groupsAmong, hasRoom, replacedIn } from "./groups.js";
import { Telling } from "./telling.js";

export interface TurnsParts {
  readonly store: Store;
  readonly workflows: Workflows;
  readonly limits: Pick<Limits, "queuedWorkflows">;
  readonly maxConcurrent: number;
  readonly log: Log;
  readonly lease: () => RunnerLease;
  /** Missing, or null, for a server alone. */
  readonly cluster?: Pick<Cluster, "nodes"> | null | undefined;
  /** Asked once for all that wait: whether this server is the one of its cluster that takes a workflow. It takes every one where missing. */
  readonly placing?: () => (record: LiveRecord) => boolean;
}

/** The turn of one workflow, to run now or later, while the command that wants it is on its way. */
export interface Turn {
  /** Null: it has to wait. */
  readonly lease: RunnerLease | null;
  /** The one of its group, or the labels, that it waits for beside a free place. */
  readonly behind?: WaitsFor | undefined;
  /** As `Prepared.turnNow`; missing for a server alone, where nobody else gives out turns. */
  readonly turnNow?: (() => Pick<Turn, "lease" | "behind">) | undefined;
  settle(): void;
}

type Behind = Pick<Queued, "group" | "behind">;

interface Wanted {
  readonly concurrency: Concurrency | undefined;
  /** Of a new one, what its definition asks for; a record has its own. */
  readonly labels?: readonly string[] | undefined;
  /** It is there already: it was interrupted. */
  readonly record?: LiveRecord | undefined;
}

export class Turns {
  readonly #parts: TurnsParts;
  /** The one number there is of those that run: each has a place, also while it is on its way into the state or out of the queue. */
  readonly #inUse = new Set<object>();
  /** On their way from the queue. */
  readonly #taking = new Set<string>();
  /** On their way into the state. */
  readonly #reserved = new Set<{ readonly claim: Claim | null }>();
  /** Not ours any more, or gone, and still ending what they started. */
  readonly #leaving = new Set<{ readonly claim: Claim }>();
  readonly #telling: Telling;
  #isClosed = false;

  constructor(parts: TurnsParts) {
    this.#parts = parts;
    this.#telling = new Telling({ ...parts, said: () => this.pump() });
  }

  /** Throws SyncError `too_many` where even the queue is full, `group_busy` where it does not want to wait. */
  reserve({ concurrency, labels, record }: Wanted): Turn {
    const groups = this.#groups();
    const { isHere, lacking } = this.#fit(record ?? { labels });
    const behind =
      concurrency && this.#behindNow(concurrency, groups.get(concurrency.group), record);
    if (behind && concurrency?.when_busy === "refuse") throw busyIn(groups, concurrency, behind);
    const isFree = !behind && isHere && this.#isFree(groups);
    const waiting = isFree ? 0 : this.#queue().length;
    if (waiting >= this.#parts.limits.queuedWorkflows) {
      throw new SyncError(
        "too_many",
        `the queue is full: ${waiting} workflows wait for their turn`,
      );
    }
    if (!isFree)
      return { lease: null, behind: { ...behind, ...lacking }, settle: () => this.pump() };
    const reservation = { claim: concurrency ?? null };
    this.#reserved.add(reservation);
    const free = this.use();
    const lease = this.#parts.lease();
    return {
      lease,
      ...(this.#parts.lease().node !== undefined && {
        turnNow: () => this.#turnNow(lease, { concurrency, record }, reservation),
      }),
      settle: () => {
        this.#reserved.delete(reservation);
        free();
      },
    };
  }

  /** A place is in use from now on. Returns what frees it, for those that wait. */
  use(): () => void {
    const place = {};
    this.#inUse.add(place);
    return () => {
      this.#inUse.delete(place);
      this.pump();
    };
  }

  /** The commands of this workflow are being ended still: nothing of its group runs beside that. */
  leave(claim: Claim | undefined, ended: Promise<unknown>): void {
    if (!claim) return;
    const leaving = { claim };
    this.#leaving.add(leaving);
    void ended.finally(() => {
      this.#leaving.delete(leaving);
      this.pump();
    });
  }

  /** Gives free places to those that wait longest, says to the others for whom they wait, and cancels those that are replaced. */
  pump(): void {
    if (this.#isClosed) return;
    const groups = this.#groups();
    for (const group of groups.values()) this.#replace(group);
    const isPlacedHere = this.#parts.placing?.() ?? (() => true);
    for (const { record, behind, hold } of this.#inTurn(groups)) {
      const { lacking } = this.#fit(record);
      if (behind || lacking || this.#isFull)
        this.#telling.waitsFor(record, { ...behind, ...lacking });
      else {
        hold();
        if (isPlacedHere(record)) this.#take(record);
      }
    }
  }

  /** For what waits for no place: our lease where this server has the labels, else it goes to one that has. */
  leaseFor(record: Pick<LiveRecord, "labels">): Pick<Turn, "lease" | "behind"> {
    const { isHere, lacking } = this.#fit(record);
    return isHere ? { lease: this.#parts.lease() } : { lease: null, behind: lacking };
  }

  close(): void {
    this.#isClosed = true;
  }

  #fit({ labels }: { readonly labels?: readonly string[] | undefined }): Fit {
    return fitOf(labels, this.#parts.cluster?.nodes);
  }

  /** The turn by what is known now: another node may have taken the last place of the group. */
  #turnNow(
    lease: RunnerLease,
    { concurrency, record }: Wanted,
    own: { readonly claim: Claim | null },
  ): Pick<Turn, "lease" | "behind"> {
    if (!concurrency) return { lease };
    const groups = this.#groups();
    this.#reserved.delete(own);
    const behind = this.#behindNow(concurrency, groups.get(concurrency.group), record);
    this.#reserved.add(own);
    if (!behind) return { lease };
    if (concurrency.when_busy === "refuse") throw busyIn(groups, concurrency, behind);
    return { lease: null, behind };
  }

  /** Whether one that waited may have its turn still, though others give out turns, too. */
  #mayTake(record: WorkflowRecord): boolean {
    if (!isLive(record) || record.state.queued === undefined) return false;
    const { concurrency } = record.state;
    if (!concurrency || this.#parts.lease().node === undefined) return true;
    const { holders = [] } = this.#groups().get(concurrency.group) ?? {};
    const others = holders.filter(({ workflow_id }) => workflow_id !== record.workflow_id);
    return this.#behind(concurrency, others, undefined) === undefined;
  }

  get #isFull(): boolean {
    return this.#inUse.size >= this.#parts.maxConcurrent;
  }

  /** Whether there is a place for one more: nobody waits for nothing but that. */
  #isFree(groups: ReadonlyMap<string, Group>): boolean {
    if (this.#isFull) return false;
    for (const { record, behind } of this.#inTurn(groups))
      if (!behind && this.#fit(record).isHere) return false;
    return true;
  }

  /** Those that wait, in order, each with whom of its group it waits for; `hold` says that it runs as good as. */
  *#inTurn(groups: ReadonlyMap<string, Group>) {
    const running = new Map([...groups].map(([name, { holders }]) => [name, [...holders]]));
    const ahead = new Map<string, LiveRecord>();
    for (const record of this.#queue()) {
      const { concurrency } = record.state;
      const holders = (concurrency && running.get(concurrency.group)) ?? [];
      const before = concurrency && ahead.get(concurrency.group);
      const behind = concurrency && this.#behind(concurrency, holders, before);
      let isHeld = false;
      const hold = () => {
        isHeld = true;
        holders.push(record);
      };
      yield { record, behind, hold };
      if (concurrency && !isHeld) ahead.set(concurrency.group, record);
    }
  }

  /** For one that is not in the queue: it comes, or it goes on. */
  #behindNow(
    concurrency: Concurrency,
    { holders, waiting }: Group = { holders: [], waiting: [] },
    record: LiveRecord | undefined,
  ): Behind | undefined {
    const isBefore = ({ order }: LiveRecord) => order < (record?.order ?? Number.POSITIVE_INFINITY);
    // An interrupted workflow does not run: it holds the group against those that come, not against those that go on.
    const others = record
      ? holders.filter(
          ({ workflow_id, state }) =>
            workflow_id !== record.workflow_id && state.status !== "interrupted",
        )
      : holders;
    return this.#behind(concurrency, others, waiting.findLast(isBefore));
  }

  /** Undefined where its group has room for it, and nobody waits there for longer. */
  #behind(
    concurrency: Concurrency,
    holders: readonly LiveRecord[],
    before: LiveRecord | undefined,
  ): Behind | undefined {
    const { group } = concurrency;
    const others = [...this.#reserved, ...this.#leaving].flatMap(({ claim }) =>
      claim?.group === group ? [claim] : [],
    );
    if (!before && hasRoom(concurrency, holders, others)) return undefined;
    const last = before ?? holders.at(-1);
    return { group, ...(last && { behind: last.workflow_id }) };
  }

  #groups(): Map<string, Group> {
    return groupsAmong(this.#parts.store.open.values(), this.#isWaiting);
  }

  #queue(): LiveRecord[] {
    return [...this.#parts.store.open.values()]
      .filter(isLive)
      .filter(this.#isWaiting)
      .sort((a, b) => a.order - b.order);
  }

  readonly #isWaiting = ({ state, workflow_id }: LiveRecord): boolean =>
    state.queued !== undefined && !this.#taking.has(workflow_id);

  #take({ workflow_id }: LiveRecord): void {
    const { workflows, log, lease } = this.#parts;
    this.#taking.add(workflow_id);
    const free = this.use();
    workflows
      .say(workflow_id, { kind: "take", lease: lease() }, (record) => this.#mayTake(record))
      .catch((error: unknown) => log.error({ err: error, workflow_id }, "not taken"))
      .finally(() => {
        this.#taking.delete(workflow_id);
        free();
      });
  }

  #replace(group: Group): void {
    const { by, replaced } = replacedIn(group);
    for (const { workflow_id, state, labels } of replaced) {
      if (state.stop_requested) continue;
      this.#telling.say(workflow_id, { kind: "replace", by, ...this.leaseFor({ labels }) });
    }
  }
}
