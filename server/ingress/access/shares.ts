/** Links for one workflow each, which may only watch, and only for a while: made, told, taken back, and let in. */
import { createHash, randomInt } from "node:crypto";
import type { Clock } from "../../../shared/clock.js";
import { invalid, SyncError } from "../../../shared/errors.js";
import type { Commits } from "../../state/commits.js";
import { Scope } from "../../state/scope.js";
import { isLive } from "../../state/store/record.js";
import type { Committed } from "../../state/store/store.js";
import type { Workflows } from "../../state/workflows.js";
import { forwardTime } from "../../time/forwardTime.js";
import { Hearing } from "../request/hearing.js";
import { Grant } from "./grants.js";
import type { KeptShare, ShareStore } from "./shareStore.js";
import { isShareToken, readShareToken, type ShareTerms, shareTokenOf } from "./shareToken.js";

export interface SharesParts {
  /** Asked once, when the first link is made or comes. */
  readonly open: () => Promise<ShareStore>;
  readonly workflows: Pick<Workflows, "find">;
  readonly commits: Commits;
  readonly clock: Clock;
}

/** A link that was just made. Its token is shown this once. */
export interface MadeShare extends KeptShare {
  readonly token: string;
}

/** The longest a link may last, in ms: 30 days. */
export const LONGEST_SHARE_MS = 30 * 24 * 3_600_000;
/** How long one lasts of which nothing is said, in ms: a day. */
export const DEFAULT_SHARE_MS = 24 * 3_600_000;
const SHORTEST_MS = 1_000;
const MOST_SHARES = 1_000;
/** So many are kept with those that have ended. These stay until there are more, as the clock by which they ended may be wrong. */
const MOST_KEPT = 2 * MOST_SHARES;
/** The most that one new link takes the places of. */
const MOST_REPLACED = 16;
/** So much may the clocks of two servers, and one clock before and after it was set, be apart. */
const CLOCKS_APART_MS = 5 * 60_000;

/** The rights of a link: shared by all who came in by it. */
class ShareGrant extends Grant {
  readonly terms: ShareTerms;

  constructor(hash: Buffer, terms: ShareTerms) {
    super(hash, "watch", new Scope([terms.workflow_id]));
    this.terms = terms;
  }

  override get seesDefinitions(): boolean {
    return false;
  }
}

export class Shares {
  readonly #parts: SharesParts;
  readonly #now: () => number;
  /** By which somebody came in, until they are over. */
  readonly #live = new Map<string, { readonly grant: ShareGrant; readonly cancel: () => void }>();
  /** Numbers of links that this server does not know, of which another one may have told somebody already. */
  readonly #hearing = new Hearing();
  #store: ShareStore | null = null;
  #opening: Promise<ShareStore> | null = null;
  readonly #stops: (() => void)[];

  constructor(parts: SharesParts) {
    this.#parts = parts;
    this.#now = forwardTime(parts.clock);
    // In the first turn: nobody who came in by a link is told of a later workflow of that id.
    this.#stops = [parts.commits.listen("memory", (change) => this.#hear(change))];
  }

  /** Whether the token means to be of a link. */
  isShare(token: string): boolean {
    return isShareToken(token);
  }

  /** The rights of a link's token; null for one that no link of ours has, or no longer. Throws or rejects with SyncError `unauthorized` that says so where the link is over. */
  grantOf(token: string): Grant | null | Promise<Grant | null> {
    if (this.#store) return this.#grantIn(this.#store, token);
    return this.#opened().then((store) => this.#grantIn(store, token));
  }

  /** Rejects with SyncError: `unknown_workflow`, `bad_message`, `too_many`, and as the store. */
  async make(workflow_id: string, forMs: number, by: string | null): Promise<MadeShare> {
    const { workflows } = this.#parts;
    if (!Number.isSafeInteger(forMs) || forMs < SHORTEST_MS || forMs > LONGEST_SHARE_MS)
      throw invalid("for_ms", "must be from 1,000 (a second) to 2,592,000,000 (30 days)");
    const store = await this.#opened();
    const record = workflows.find(workflow_id)?.record;
    if (!record) throw new SyncError("unknown_workflow", "there is no such workflow");
    const made_at = this.#now();
    const replaced = this.#placeIn(store, made_at);
    const share: KeptShare = {
      number: freeNumber(store),
      ...{ workflow_id: record.workflow_id, epoch: record.epoch },
      ...{ ends_at: made_at + forMs, made_at, by },
    };
    await store.put(share, replaced);
    return { ...share, token: shareTokenOf(share, store.key) };
  }

  /** The links that have not ended, the newest first. */
  async list(scope: Scope): Promise<readonly KeptShare[]> {
    const now = this.#now();
    return (await this.#opened())
      .all()
      .filter(({ workflow_id, ends_at }) => ends_at > now && scope.has(workflow_id))
      .sort((one, other) => other.made_at - one.made_at);
  }

  /** `named`: a number, or a token. `may` throws where this one is not theirs to take back. Rejects with SyncError `not_found`. */
  async revoke(named: string, may: (share: KeptShare) => void): Promise<KeptShare> {
    const store = await this.#opened();
    const number = isShareToken(named) ? readShareToken(named, store.key)?.number : named;
    if (number !== undefined) await this.#unheard(store, number);
    const share = number === undefined ? null : store.find(number);
    if (!share) throw new SyncError("not_found", "there is no such link, or no longer");
    may(share);
    await store.remove(share.number);
    return share;
  }

  close(): void {
    for (const stop of this.#stops) stop();
    for (const { cancel } of this.#live.values()) cancel();
    this.#live.clear();
    this.#store?.close();
  }

  #opened(): Promise<ShareStore> {
    this.#opening ??= this.#parts.open().then(
      (store) => {
        this.#store = store;
        this.#stops.push(store.listen((number) => this.#end(number, TAKEN_BACK)));
        return store;
      },
      (error: unknown) => {
        this.#opening = null;
        throw error;
      },
    );
    return this.#opening;
  }

  #grantIn(store: ShareStore, token: string): Grant | null | Promise<Grant | null> {
    const terms = readShareToken(token, store.key);
    if (!terms) return null;
    const heard = this.#unheard(store, terms.number);
    const granted = () => this.#granted(store, token, terms);
    return heard ? heard.then(granted) : granted();
  }

  /** Resolves once this server knows what the store had of it; null where it can say at once. */
  #unheard(store: ShareStore, number: string): Promise<void> | null {
    if (!store.hear || store.find(number)) return null;
    return this.#hearing.of(number, () => store.hear!(number));
  }

  #granted(store: ShareStore, token: string, terms: ShareTerms): Grant | null {
    const { clock, workflows } = this.#parts;
    const now = this.#now();
    const left = terms.ends_at - now;
    if (left <= 0) throw over(endedWords(terms));
    const kept = store.find(terms.number);
    if (!kept || !isSame(kept, terms)) return null;
    // Nobody knows any more how much of its time is over: an earlier process made it, or another server.
    if (kept.made_at > now + CLOCKS_APART_MS) throw over(CLOCK_IS_BACK);
    if (workflows.find(terms.workflow_id)?.record.epoch !== terms.epoch) throw over(GONE);
    const known = this.#live.get(terms.number);
    if (known) return known.grant;
    const grant = new ShareGrant(createHash("sha256").update(token).digest(), terms);
    const cancel = clock.after(left, () => this.#end(terms.number, endedWords(terms)));
    this.#live.set(terms.number, { grant, cancel });
    return grant;
  }

  #end(number: string, why: string): void {
    const live = this.#live.get(number);
    if (!live) return;
    this.#live.delete(number);
    live.cancel();
    live.grant.end(why);
  }

  #hear(change: Committed): void {
    if (this.#live.size === 0) return;
    const { workflow_id } = change.kind === "committed" ? change.after : change.before;
    for (const { grant } of [...this.#live.values()]) {
      const { terms } = grant;
      if (terms.workflow_id === workflow_id && isOver(change, terms.epoch))
        this.#end(terms.number, GONE);
    }
  }

  /** The links that a new one takes the places of: those that ended first, and none that somebody is in by. Throws `too_many` where there is no place. */
  #placeIn(store: ShareStore, now: number): readonly string[] {
    const all = store.all();
    const ended = all.filter(({ ends_at }) => ends_at <= now);
    const tooMany = all.length - MOST_KEPT + 1;
    const unused = tooMany > 0 ? ended.filter(({ number }) => !this.#live.has(number)) : [];
    if (all.length - ended.length >= MOST_SHARES || unused.length < tooMany)
      throw new SyncError("too_many", `${MOST_SHARES} links are open, which is the limit`);
    return unused
      .sort((one, other) => one.ends_at - other.ends_at)
      .slice(0, Math.min(tooMany, MOST_REPLACED))
      .map(({ number }) => number);
  }
}

/** Whether that life of a workflow has no record in view or in the history any more. */
function isOver(change: Committed, epoch: string): boolean {
  const wasIt = change.before !== null && isLive(change.before) && change.before.epoch === epoch;
  switch (change.kind) {
    case "committed":
      return isLive(change.after) ? change.after.epoch !== epoch : wasIt;
    case "archived":
      return false;
    case "removed":
    case "forgotten":
      return wasIt;
  }
}

const isSame = (kept: KeptShare, terms: ShareTerms): boolean =>
  kept.workflow_id === terms.workflow_id &&
  kept.epoch === terms.epoch &&
  kept.ends_at === terms.ends_at;

/** Six digits: enough that a number says one link, and no link's secret. */
function freeNumber(store: ShareStore): string {
  for (;;) {
    const number = String(randomInt(100_000, 1_000_000));
    if (!store.find(number)) return number;
  }
}

const GONE = "the workflow of this link is gone";
const CLOCK_IS_BACK =
  "the clock of this server is before the time at which this link was made: it counts again once the clock is right";
const TAKEN_BACK = "this link was taken back";
const endedWords = ({ ends_at }: ShareTerms): string =>
  `this link ended at ${new Date(ends_at).toISOString()}`;
const over = (why: string): SyncError => new SyncError("unauthorized", why);
