/**
 * Lets every server get through where several change the same thing: a compare-and-set alone is won by the one that has just won, as it hears of its own
 * change first. A server that has lost twice asks for its turn with a key in the store; the others see it and stand aside until the key is gone.
 */
import { randomBytes } from "node:crypto";
import type { Clock } from "../../../../shared/clock.js";
import type { FamilyEvent, KeyMirror } from "../../../cluster/keyMirror.js";
import type { Operation } from "../../../etcd/etcd.js";
import { ASKS, askedName, askKey } from "./etcdKeys.js";
import type { PassingKeys } from "./passingKeys.js";

export interface ContentionParts {
  readonly mirror: Pick<KeyMirror, "follow" | "transact">;
  readonly clock: Pick<Clock, "after">;
  readonly passing: Pick<PassingKeys, "lease">;
}

/** The losses of this server lately, of one name. */
interface Lost {
  times: number;
  /** Null until it has asked. */
  key: string | null;
  forget: () => void;
}

/** A turn that another server has asked for. */
interface Ask {
  readonly key: string;
  readonly mod: number;
  /** Those who stand aside for it here. */
  readonly aside: (() => void)[];
}

const LOST_BEFORE_ASKING = 2;
/** The others may have stood aside in vain. */
const LOST_BEFORE_ASKING_AGAIN = 6;
/** How long a server stands aside for one that asks, and once only: a few commits' time, also on a busy machine. */
const ASIDE_MS = 400;
/** A turn that was asked for and not used is given back. */
const UNUSED_MS = 1_000;

export class Contention {
  readonly #parts: ContentionParts;
  readonly #stop: () => void;
  readonly #lost = new Map<string, Lost>();
  /** By the hashed name; each in the order in which they were asked for. */
  readonly #asks = new Map<string, Ask[]>();
  #isClosed = false;

  constructor(parts: ContentionParts) {
    this.#parts = parts;
    this.#stop = parts.mirror.follow(ASKS, (event) => this.#hear(event));
  }

  /** Resolves once nobody is before us who asked for this; null where that is so already. */
  standAside(name: string): Promise<void> | null {
    const first = this.#before(name);
    return first ? this.#standAside(name, first) : null;
  }

  /** A change of this name was refused because another came first. Resolves once it is known that we ask, where it is time for that. Never rejects. */
  async lost(name: string): Promise<void> {
    if (this.#isClosed) return;
    const lost = this.#lost.get(name) ?? { times: 0, key: null, forget: () => {} };
    this.#lost.set(name, lost);
    lost.times += 1;
    lost.forget();
    lost.forget = this.#parts.clock.after(UNUSED_MS, () => this.#giveBack(name));
    if (lost.times < (lost.key === null ? LOST_BEFORE_ASKING : LOST_BEFORE_ASKING_AGAIN)) return;
    const before = this.thanks(name);
    const old = lost.key;
    const key = askKey(name, randomBytes(9).toString("base64url"));
    // Known before the others hear of it, so that we do not stand aside for ourselves.
    lost.key = key;
    try {
      const lease = await this.#parts.passing.lease();
      const put = { put: key, value: Buffer.from(name), lease };
      await this.#parts.mirror.transact({ compare: [], writes: [...before, put] });
      lost.times = 0;
    } catch {
      // Then it is tried without.
      lost.key = old;
    }
  }

  /** Goes with the change that was asked for. */
  thanks(name: string): readonly Operation[] {
    const key = this.#lost.get(name)?.key ?? null;
    return key === null ? [] : [{ delete: key }];
  }

  /** A change of this name was made, with its `thanks`. */
  won(name: string): void {
    this.#lost.get(name)?.forget();
    this.#lost.delete(name);
  }

  /** Nobody stands aside any more, and no timer is left. */
  close(): void {
    this.#isClosed = true;
    this.#stop();
    for (const { forget } of this.#lost.values()) forget();
    this.#lost.clear();
    const asks = [...this.#asks.values()].flat();
    this.#asks.clear();
    for (const { aside } of asks) for (const goOn of aside) goOn();
  }

  /** The first that asked, unless that is us. */
  #before(name: string): Ask | null {
    const [first] = this.#asks.get(askedName(name)) ?? [];
    return first && first.key !== this.#lost.get(name)?.key ? first : null;
  }

  async #standAside(name: string, ask: Ask): Promise<void> {
    for (let first: Ask | null = ask; first; first = this.#before(name)) {
      const { key, aside } = first;
      await new Promise<void>((resolve) => {
        const cancel = this.#parts.clock.after(ASIDE_MS, () => this.#drop(askedName(name), key));
        aside.push(() => {
          cancel();
          resolve();
        });
      });
    }
  }

  #giveBack(name: string): void {
    const key = this.#lost.get(name)?.key ?? null;
    this.#lost.delete(name);
    if (key === null) return;
    // Where that does not arrive, the others have stood aside for it once, and its lease ends.
    this.#parts.mirror.transact({ compare: [], writes: [{ delete: key }] }).catch(() => {});
  }

  #hear(event: FamilyEvent): void {
    const name = event.key.slice(0, event.key.indexOf("/"));
    const key = ASKS + event.key;
    if (event.kind === "delete") return this.#drop(name, key);
    const ask: Ask = { key, mod: event.mod, aside: [] };
    const all = [...(this.#asks.get(name) ?? []), ask].toSorted((a, b) => a.mod - b.mod);
    this.#asks.set(name, all);
  }

  #drop(name: string, key: string): void {
    const all = this.#asks.get(name) ?? [];
    const rest = all.filter((one) => one.key !== key);
    if (rest.length > 0) this.#asks.set(name, rest);
    else this.#asks.delete(name);
    for (const one of all) if (one.key === key) for (const goOn of one.aside) goOn();
  }
}
