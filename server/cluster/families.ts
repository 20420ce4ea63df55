/** The keys as this server knows them, told to the followers of each family: of a key nothing that is older than what was told. */
import { Listeners } from "../../shared/listeners.js";
import type { KeyEvent, KeyValue } from "../etcd/etcd.js";
import type { FamilyEvent, FamilyListener } from "./keyMirror.js";

interface KnownKey {
  readonly mod: number;
  readonly create: number;
  /** Null where its family's follower alone keeps it. */
  readonly value: Buffer | null;
}

export class Families {
  readonly #heavy: readonly string[];
  readonly #onFailure: (error: unknown) => void;
  readonly #known = new Map<string, KnownKey>();
  /** Keys that we deleted ourselves, with the revision of that, until the watch has come so far. */
  readonly #gone = new Map<string, number>();
  readonly #listeners = new Map<string, Listeners<FamilyEvent>>();

  constructor(heavy: readonly string[], onFailure: (error: unknown) => void) {
    this.#heavy = heavy;
    this.#onFailure = onFailure;
  }

  modOf(key: string): number {
    return this.#known.get(key)?.mod ?? 0;
  }

  /** As `KeyMirror.follow`. A heavy family has one follower. */
  follow(family: string, listener: FamilyListener): () => void {
    const listeners = this.#listeners.get(family) ?? new Listeners<FamilyEvent>(this.#onFailure);
    this.#listeners.set(family, listeners);
    const isHeavy = this.#heavy.includes(family);
    for (const [key, { mod, create, value }] of this.#known) {
      if (!key.startsWith(family) || value === null) continue;
      listener({ kind: "put", key: key.slice(family.length), value, mod, create });
      if (isHeavy) this.#known.set(key, { mod, create, value: null });
    }
    return listeners.listen(listener);
  }

  /** Events in their order, of which all up to `watched` are told now. */
  apply(events: readonly KeyEvent[], watched: number): void {
    for (const event of events) this.#apply(event);
    for (const [key, mod] of this.#gone) if (mod <= watched) this.#gone.delete(key);
  }

  /** All that there is as of one revision. What we wrote after it stays. New words are told first, so that what has moved is met before it is missed. */
  replace(keys: readonly KeyValue[], revision: number): void {
    const there = new Set<string>();
    for (const kv of keys) {
      there.add(kv.key);
      this.#apply({ kind: "put", kv });
    }
    for (const [key, { mod }] of [...this.#known])
      if (!there.has(key) && mod <= revision) this.#delete(key, revision);
    for (const [key, mod] of this.#gone) if (mod <= revision) this.#gone.delete(key);
  }

  #apply(event: KeyEvent): void {
    const { key, mod } = event.kind === "put" ? event.kv : event;
    if (mod <= Math.max(this.modOf(key), this.#gone.get(key) ?? 0)) return;
    if (event.kind === "delete") return this.#delete(key, mod);
    const { value } = event.kv;
    const create = event.kv.create || (this.#known.get(key)?.create ?? mod);
    const family = this.#familyOf(key);
    const isTold = family !== null && this.#heavy.includes(family);
    this.#gone.delete(key);
    this.#known.set(key, { mod, create, value: isTold ? null : value });
    if (family !== null)
      this.#listeners
        .get(family)
        ?.tell({ kind: "put", key: key.slice(family.length), value, mod, create });
  }

  #delete(key: string, mod: number): void {
    this.#gone.set(key, mod);
    if (!this.#known.delete(key)) return;
    const family = this.#familyOf(key);
    if (family !== null)
      this.#listeners.get(family)?.tell({ kind: "delete", key: key.slice(family.length), mod });
  }

  /** The followed family of a key; null where nobody follows it. */
  #familyOf(key: string): string | null {
    for (const family of this.#listeners.keys()) if (key.startsWith(family)) return family;
    return null;
  }
}
