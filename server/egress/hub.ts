/** From the authority to the watchers: each committed change is encoded once, and goes out once to every watcher of its workflow. */
import type { Limits } from "../../shared/limits.js";
import { CURRENT, LIST } from "../../shared/names.js";
import type { Position } from "../../shared/schema/position.js";
import type { ClosedReason } from "../../shared/wire/serverMessages.js";
import type { Commits } from "../state/commits.js";
import { isLive, type LiveRecord } from "../state/store/record.js";
import type { Committed } from "../state/store/store.js";
import { toldDamageOf } from "../state/toldDamages.js";
import type { Workflows } from "../state/workflows.js";
import { Channel, type ChannelFailure } from "./channel.js";
import { type CurrentMove, Currents } from "./currents.js";
import type { Lists } from "./lists.js";
import type { Outbox } from "./outbox.js";
import { RecentBudget } from "./recentBudget.js";
import { changeOf, positionOf, snapshotOf } from "./workflowDocument.js";

/** The documents that one socket asked for. */
interface Subscriptions {
  readonly named: Set<string>;
  followsCurrent: boolean;
}

export interface HubParts {
  readonly commits: Commits;
  readonly workflows: Workflows;
  readonly lists: Lists;
  readonly limits: Limits;
  /** Hears of bugs. Watchers of the document get a snapshot all the same, or are closed. */
  readonly onFailure: ChannelFailure;
}

export class Hub {
  readonly #workflows: Workflows;
  readonly #limits: Limits;
  readonly #lists: Lists;
  readonly #channels = new Map<string, Channel>();
  readonly #sockets = new Map<Outbox, Subscriptions>();
  readonly #onFailure: ChannelFailure;
  readonly #budget: RecentBudget;
  readonly #stopListening: () => void;
  /** Workflows that were asked for while their records could not be read. */
  readonly #damaged = new Set<string>();
  readonly #currents: Currents;

  constructor({ commits, workflows, lists, limits, onFailure }: HubParts) {
    this.#workflows = workflows;
    this.#limits = limits;
    this.#lists = lists;
    this.#onFailure = onFailure;
    this.#currents = new Currents(workflows);
    this.#budget = new RecentBudget(limits.recentTotalBytes);
    this.#stopListening = commits.listen("watchers", (change) => this.#hear(change));
  }

  /** Whether a socket asked for a document already, by this very name. */
  follows(outbox: Outbox, subject: string): boolean {
    const subscriptions = this.#sockets.get(outbox);
    if (!subscriptions) return false;
    return subject === CURRENT ? subscriptions.followsCurrent : subscriptions.named.has(subject);
  }

  /** How many documents a socket watches. */
  countOf(outbox: Outbox): number {
    const subscriptions = this.#sockets.get(outbox);
    return subscriptions ? subscriptions.named.size + Number(subscriptions.followsCurrent) : 0;
  }

  /** How many documents all sockets watch together. */
  get followers(): number {
    let count = 0;
    for (const outbox of this.#sockets.keys()) count += this.countOf(outbox);
    return count;
  }

  /** Answers with `resumed`, what was missed, a snapshot or `closed`, and from here on with every change. */
  subscribe(outbox: Outbox, subject: string, last: Position | null): void {
    const subscriptions = this.#of(outbox);
    if (subject === CURRENT) {
      subscriptions.followsCurrent = true;
      const current = this.#currents.of(outbox.scope);
      outbox.reply({ type: "current", workflow_id: current });
      if (current !== null) this.#join(outbox, current, last);
    } else {
      subscriptions.named.add(subject);
      this.#join(outbox, subject, last);
    }
  }

  unsubscribe(outbox: Outbox, subject: string): void {
    const subscriptions = this.#sockets.get(outbox);
    if (!subscriptions) return;
    if (subject === CURRENT) subscriptions.followsCurrent = false;
    else subscriptions.named.delete(subject);
    const current = this.#currents.of(outbox.scope);
    const id = subject === CURRENT ? current : subject;
    const isWatched =
      id !== null &&
      (subscriptions.named.has(id) || (subscriptions.followsCurrent && current === id));
    if (id !== null && !isWatched) this.#leave(outbox, id);
  }

  /** The socket is gone. */
  drop(outbox: Outbox): void {
    const subscriptions = this.#sockets.get(outbox);
    if (!subscriptions) return;
    this.#sockets.delete(outbox);
    for (const id of subscriptions.named) this.#leave(outbox, id);
    const current = subscriptions.followsCurrent ? this.#currents.of(outbox.scope) : null;
    if (current !== null) this.#leave(outbox, current);
  }

  close(): void {
    this.#stopListening();
    this.#lists.close();
    this.#channels.clear();
    this.#sockets.clear();
  }

  /** Where something goes wrong with one change, its watchers get a snapshot or are closed: nobody is left with an old state that looks like the newest. */
  #hear(change: Committed): void {
    const { workflow_id } = change.kind === "committed" ? change.after : change.before;
    try {
      this.#see(change);
    } catch (error) {
      this.#onFailure(error, workflow_id);
      this.#channels.get(workflow_id)?.startOver();
    }
    try {
      this.#followCurrent(change);
    } catch (error) {
      this.#onFailure(error, CURRENT);
      for (const [outbox, { followsCurrent }] of this.#sockets) if (followsCurrent) outbox.fail();
    }
  }

  #see(change: Committed): void {
    if (change.kind === "forgotten") return this.#seeForgotten(change.before.workflow_id);
    const before = isLive(change.before) ? change.before : null;
    const after = change.kind === "committed" && isLive(change.after) ? change.after : null;
    if (before && after) this.#publish(before, after);
    else if (after) this.#begin(after);
    else if (before) this.#end(before, change.kind === "archived" ? "expired" : "cleared");
  }

  #publish(before: LiveRecord, after: LiveRecord): void {
    const channel = this.#channel(after.workflow_id);
    channel.publish(changeOf(before, after, this.#limits.recentBytes));
    this.#budget.use(channel);
  }

  /** A new workflow takes an id that somebody watches in the history, or that was damaged: the watchers get the new one. */
  #begin(record: LiveRecord): void {
    const watched = this.#channels.get(record.workflow_id);
    if (watched) {
      this.#channels.delete(record.workflow_id);
      this.#budget.release(watched);
    }
    const isAwaited = this.#damaged.delete(record.workflow_id) || (watched?.watched ?? false);
    for (const [outbox, { named }] of isAwaited ? this.#sockets : []) {
      if (named.has(record.workflow_id)) this.#joinOrFail(outbox, record.workflow_id);
    }
  }

  #end(record: LiveRecord, reason: ClosedReason): void {
    const { workflow_id, epoch, revision } = record;
    const channel = this.#channels.get(workflow_id);
    if (!channel) return;
    channel.end({ type: "closed", workflow_id, epoch, revision, reason });
    this.#removeChannel(channel);
    for (const { named } of this.#sockets.values()) named.delete(workflow_id);
  }

  #seeForgotten(workflow_id: string): void {
    const channel = this.#channels.get(workflow_id);
    if (!channel?.watched || this.#workflows.find(workflow_id)) return;
    channel.end({
      type: "closed",
      workflow_id,
      epoch: null,
      revision: null,
      reason: "cleared",
    });
    this.#removeChannel(channel);
    for (const { named } of this.#sockets.values()) named.delete(workflow_id);
  }

  #followCurrent(change: Committed): void {
    for (const move of this.#currents.movesBy(change)) this.#tellCurrent(move);
  }

  #tellCurrent({ scope, left, now }: CurrentMove): void {
    let isFollowed = scope.isEverything;
    for (const [outbox, subscriptions] of this.#sockets) {
      if (!subscriptions.followsCurrent || outbox.scope.key !== scope.key) continue;
      isFollowed = true;
      if (left !== null && !subscriptions.named.has(left)) this.#leave(outbox, left);
      outbox.reply({ type: "current", workflow_id: now });
      if (now !== null && !subscriptions.named.has(now)) this.#joinOrFail(outbox, now);
    }
    if (!isFollowed) this.#currents.forget(scope);
  }

  /** One socket that cannot be told does not keep the others from being told. */
  #joinOrFail(outbox: Outbox, id: string): void {
    try {
      this.#join(outbox, id, null);
    } catch (error) {
      this.#onFailure(error, id);
      outbox.fail();
    }
  }

  #join(outbox: Outbox, id: string, last: Position | null): void {
    if (id === LIST) return this.#lists.of(outbox.scope).channel.join(outbox, last);
    if (this.#workflows.find(id)) {
      const channel = this.#channel(id);
      channel.join(outbox, last);
      // The missed changes may have become frames, which take more memory.
      if (channel.recentBytes > 0) this.#budget.weigh(channel);
      return;
    }
    const isDamaged = toldDamageOf(this.#workflows.damages, id, outbox.scope) !== null;
    // A damaged workflow may be restored: then its watchers see it.
    if (isDamaged) this.#damaged.add(id);
    else this.#sockets.get(outbox)?.named.delete(id);
    const reason = isDamaged ? "damaged" : "unknown";
    outbox.reply({ type: "closed", workflow_id: id, epoch: null, revision: null, reason });
  }

  #leave(outbox: Outbox, id: string): void {
    if (id === LIST) return this.#lists.leave(outbox);
    const channel = this.#channels.get(id);
    channel?.leave(outbox);
    // A document without watchers and without changes to resume from needs no channel.
    if (channel && !channel.watched && channel.recentBytes === 0) this.#removeChannel(channel);
  }

  #channel(id: string): Channel {
    let channel = this.#channels.get(id);
    if (!channel) {
      const found = () => this.#workflows.find(id)?.record;
      channel = new Channel(
        id,
        {
          position: () => positionOf(found()),
          snapshot: (audience) => snapshotOf(found(), audience),
        },
        this.#limits,
        this.#onFailure,
      );
      this.#channels.set(id, channel);
    }
    return channel;
  }

  #removeChannel(channel: Channel): void {
    this.#budget.release(channel);
    this.#channels.delete(channel.id);
  }

  #of(outbox: Outbox): Subscriptions {
    let subscriptions = this.#sockets.get(outbox);
    if (!subscriptions) {
      subscriptions = { named: new Set(), followsCurrent: false };
      this.#sockets.set(outbox, subscriptions);
    }
    return subscriptions;
  }
}
