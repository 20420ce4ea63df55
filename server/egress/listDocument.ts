/** The document `*`: every workflow in one line, gathered for a moment, so that a busy server does not flood its list. */
import { randomBytes } from "node:crypto";
import type { Clock } from "../../shared/clock.js";
import { diff } from "../../shared/json/diff.js";
import type { PatchOperation } from "../../shared/json/patch.js";
import { SameJson } from "../../shared/json/sameJson.js";
import type { Limits } from "../../shared/limits.js";
import { LIST } from "../../shared/names.js";
import type { Summary } from "../../shared/state/summary.js";
import type { DamagedWorkflow } from "../../shared/wire/rest.js";
import type { ListState } from "../../shared/wire/serverMessages.js";
import type { Commits } from "../state/commits.js";
import { endedOf } from "../state/pastRuns.js";
import type { Scope } from "../state/scope.js";
import { isLive, type LiveRecord, type WorkflowRecord } from "../state/store/record.js";
import type { Committed } from "../state/store/store.js";
import type { Summaries } from "../state/summaries.js";
import { toldDamages } from "../state/toldDamages.js";
import { Channel, type ChannelFailure } from "./channel.js";
import { AUDIENCES, encodeSnapshot } from "./frames.js";
import { ListedHistory } from "./listedHistory.js";

export interface ListParts {
  readonly commits: Commits;
  readonly summaries: Summaries;
  readonly clock: Clock;
  readonly limits: Limits;
  readonly onFailure: ChannelFailure;
}

/** The list of one scope: its watchers hear of no other workflows. */
export class ListDocument {
  /** Its epoch ends with the process: after a restart a list is cheap to send whole. */
  readonly #epoch = randomBytes(8).toString("hex");
  readonly #clock: Clock;
  readonly #scope: Scope;
  readonly #summaries: Summaries;
  readonly #gatherMs: number;
  readonly channel: Channel;
  /** The summaries that the watchers have been told, by epoch. */
  readonly #told = new Map<string, Summary>();
  /** The damaged workflows that the watchers have been told, by file. */
  readonly #damaged = new Map<string, DamagedWorkflow>();
  readonly #mended = new Set<string>();
  /** Whether damaged workflows were told at the start: then the key stays, as a patch left it there. */
  readonly #hadDamage: boolean;
  readonly #waiting = new Map<string, Summary | null>();
  /** Definitions one of whose workflows has ended or is gone: their usual duration may be another one now. */
  readonly #ended = new Set<string>();
  readonly #history: ListedHistory;
  readonly #stopListening: () => void;
  /** How many workflows are not listed. Null as long as there were none: then the key stays away. */
  #older: number | null = null;
  #cancelTimer: (() => void) | null = null;
  #revision = 1;

  constructor({ commits, summaries, clock, limits, onFailure }: ListParts, scope: Scope) {
    this.#scope = scope;
    this.#summaries = summaries;
    this.#clock = clock;
    this.#gatherMs = limits.listGatherMs;
    this.channel = new Channel(
      LIST,
      {
        position: () => ({ epoch: this.#epoch, revision: this.#revision }),
        snapshot: () =>
          encodeSnapshot(LIST, this.#epoch, this.#revision, JSON.stringify(this.#state())),
      },
      limits,
      onFailure,
    );
    for (const record of commits.store.open.values()) this.#tell(record, false);
    const history = [...commits.store.history.values()]
      .filter(isLive)
      .filter(({ workflow_id }) => scope.has(workflow_id));
    this.#history = new ListedHistory(limits.listHistory, history);
    for (const record of this.#history.listed()) this.#tell(record, true);
    this.#older = this.#history.older || null;
    const stopListening = commits.listen("watchers", (change) => this.#see(change));
    for (const damaged of toldDamages(commits.store.damages, scope)) {
      this.#damaged.set(damaged.file, damaged);
    }
    this.#hadDamage = this.#damaged.size > 0;
    const stopMending = commits.store.damages?.listen(({ file }) => this.#seeMended(file));
    this.#stopListening = () => {
      stopListening();
      stopMending?.();
    };
  }

  close(): void {
    this.#stopListening();
    this.#cancelTimer?.();
  }

  #state(): ListState {
    return {
      workflows: Object.fromEntries(this.#told),
      ...(this.#hadDamage ? { damaged: Object.fromEntries(this.#damaged) } : {}),
      ...(this.#older === null ? {} : { older: this.#older }),
    };
  }

  #seeMended(file: string): void {
    if (!this.#damaged.has(file)) return;
    this.#mended.add(file);
    this.#gather();
  }

  #tell(record: WorkflowRecord, inHistory: boolean): void {
    if (isLive(record) && this.#scope.has(record.workflow_id))
      this.#told.set(record.epoch, this.#summaryOf(record, inHistory));
  }

  #summaryOf(record: LiveRecord, inHistory: boolean): Summary {
    return this.#summaries.of(record, inHistory, this.#scope);
  }

  #see(change: Committed): void {
    const { workflow_id } = change.kind === "committed" ? change.after : change.before;
    if (!this.#scope.has(workflow_id)) return;
    if (change.kind === "committed" && isLive(change.after)) {
      this.#waiting.set(change.after.epoch, this.#summaryOf(change.after, false));
    } else if (change.kind === "archived" && isLive(change.before)) {
      this.#waiting.set(change.before.epoch, this.#summaryOf(change.before, true));
      this.#history.add(change.before);
    } else if (change.before) {
      this.#waiting.set(change.before.epoch, null);
      this.#history.remove(change.before);
    }
    this.#seeEnded(change);
    this.#gather();
  }

  #seeEnded(change: Committed): void {
    if (change.kind === "archived") return;
    const after = change.kind === "committed" ? change.after : null;
    for (const record of [change.before, after]) {
      const definition = endedOf(record);
      if (definition !== null) this.#ended.add(definition);
    }
  }

  /** Workflows under way get the duration that is usual by now. */
  #tellUsual(): void {
    if (this.#ended.size === 0) return;
    const newest = new Map<string, Summary | null>([...this.#told, ...this.#waiting]);
    for (const [epoch, summary] of newest) {
      if (!summary || !this.#ended.has(summary.definition ?? "")) continue;
      const now = this.#summaries.withUsual(summary, this.#scope);
      if (now !== summary) this.#waiting.set(epoch, now);
    }
    this.#ended.clear();
  }

  #gather(): void {
    this.#cancelTimer ??= this.#clock.after(this.#gatherMs, () => {
      this.#cancelTimer = null;
      this.#publish();
    });
  }

  /** A change of the history may make another workflow the oldest that is listed. */
  #tellHistory(): void {
    if (!this.#history.takeMoved()) return;
    const listed = new Map(this.#history.listed().map((record) => [record.epoch, record]));
    const isWaiting = (epoch: string) => this.#waiting.get(epoch) !== undefined;
    for (const [epoch, { in_history }] of this.#told)
      if (in_history && !listed.has(epoch)) this.#waiting.set(epoch, null);
    for (const [epoch, summary] of this.#waiting)
      if (summary?.in_history && !listed.has(epoch)) this.#waiting.set(epoch, null);
    for (const [epoch, record] of listed)
      if (!this.#told.has(epoch) && !isWaiting(epoch))
        this.#waiting.set(epoch, this.#summaryOf(record, true));
  }

  #publish(): void {
    this.#tellHistory();
    this.#tellUsual();
    const changed = [...this.#waiting].filter(
      ([epoch, summary]) => !isSameLine(this.#told.get(epoch) ?? null, summary),
    );
    const before = new Map(changed.map(([epoch]) => [epoch, this.#told.get(epoch)]));
    this.#waiting.clear();
    const others = [...this.#mended].map(
      (file): PatchOperation => ({ op: "remove", path: `/damaged/${file}` }),
    );
    for (const file of this.#mended) this.#damaged.delete(file);
    this.#mended.clear();
    for (const [epoch, summary] of changed) {
      if (summary) this.#told.set(epoch, summary);
      else this.#told.delete(epoch);
    }
    const { older } = this.#history;
    if (older !== (this.#older ?? 0)) {
      this.#older = older;
      others.push({ op: "add", path: "/older", value: older });
    }
    if (changed.length + others.length === 0) return;
    this.#revision += 1;
    const [base, revision] = [this.#revision - 1, this.#revision];
    this.channel.publish({
      base,
      revision,
      seenAlike: () => AUDIENCES,
      message: () => {
        const patch = changed.flatMap(([epoch, summary]) =>
          lineOf(epoch, before.get(epoch), summary),
        );
        patch.push(...others);
        return { type: "changed", workflow_id: LIST, epoch: this.#epoch, base, revision, patch };
      },
      heldBytes: () => (changed.length + others.length) * LINE_BYTES,
    });
  }
}

/** The memory that two summaries take, roughly. */
const LINE_BYTES = 4_096;

const isSameLine = (told: Summary | null, now: Summary | null): boolean =>
  told === now || (told !== null && now !== null && new SameJson().of(told, now));

function lineOf(
  epoch: string,
  told: Summary | undefined,
  summary: Summary | null,
): PatchOperation[] {
  const path = `/workflows/${epoch}`;
  if (!summary) return [{ op: "remove", path }];
  return told ? diff(told, summary, path) : [{ op: "add", path, value: summary }];
}
