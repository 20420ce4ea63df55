/** The tokens that are known, and what each allows. They may change while the server runs; connections that came in by a removed token are told. */
import { createHash, timingSafeEqual } from "node:crypto";
import type { ServerResponse } from "node:http";
import type { Permission } from "../../../shared/wire/serverMessages.js";
import { EVERYTHING, Scope } from "../../state/scope.js";
import { problemOfName } from "./userName.js";

/** `scrape` reads metrics, and does and sees nothing else. */
export type TokenRight = Permission | "scrape";

/** Whether that may be a token: it travels in a header, where anything but visible ASCII would never match. */
export const isTokenText = (text: string): boolean => /^[\x21-\x7e]+$/.test(text);

export interface AccessToken {
  readonly token: string;
  readonly can: TokenRight;
  /** The ids it is bound to, in which `*` stands for anything. All where missing. */
  readonly workflows?: readonly string[] | undefined;
  /** Its owner's name, told as `by` of what is done with it. Nobody's in particular where missing. */
  readonly name?: string | undefined;
}

const HELD: Readonly<Record<TokenRight, readonly Permission[]>> = {
  scrape: [],
  watch: ["watch"],
  drive: ["watch", "drive"],
  admin: ["watch", "drive", "admin"],
};
/** So many removed tokens are remembered, and not taken for guesses. */
const GONE_KEPT = 1_000;

/** The rights of one token or user, for as long as they count. */
export class Grant {
  /** The token's hash; null where there is none. */
  readonly hash: Buffer | null;
  readonly can: readonly Permission[];
  readonly scope: Scope;
  /** The name of who has them; null where nobody knows it. */
  readonly user: string | null;
  readonly #ears = new Set<() => void>();
  #isOver = false;
  #why = "this token no longer counts";

  constructor(hash: Buffer | null, can: TokenRight, scope: Scope, user: string | null = null) {
    this.hash = hash;
    this.can = HELD[can];
    this.scope = scope;
    this.user = user;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Why it is over, in words for who had it. */
  get why(): string {
    return this.#why;
  }

  /** Whether it is told what could be started here. */
  get seesDefinitions(): boolean {
    return true;
  }

  /** Whether something is open that ends with it. */
  get isHeld(): boolean {
    return this.#ears.size > 0;
  }

  /** Runs `run` once it is over. The returned function takes that back. */
  whenOver(run: () => void): () => void {
    this.#ears.add(run);
    return () => void this.#ears.delete(run);
  }

  /** From here on an answer lives no longer than it. */
  carries(response: ServerResponse): void {
    if (response.closed || response.destroyed) return;
    response.once(
      "close",
      this.whenOver(() => response.destroy()),
    );
  }

  end(why = this.#why): void {
    this.#isOver = true;
    this.#why = why;
    for (const run of [...this.#ears]) run();
    this.#ears.clear();
  }
}

export class Grants {
  #known: readonly Grant[];
  /** For everyone, as long as no tokens were ever given. */
  #open: Grant | null;
  readonly #gone = new Set<string>();

  /** No tokens: whoever reaches the server may watch and drive, unless it `isClosed`. Throws for a name that is none. */
  constructor(tokens: readonly AccessToken[], isClosed = false) {
    this.#known = tokens.map(grantOf);
    const isOpen = tokens.length === 0 && !isClosed;
    this.#open = isOpen ? new Grant(null, "drive", EVERYTHING) : null;
  }

  get open(): Grant | null {
    return this.#open;
  }

  find(token: string): Grant | null {
    const hash = sha256(token);
    return this.#known.find((one) => one.hash !== null && timingSafeEqual(one.hash, hash)) ?? null;
  }

  /** Whether this token counted once and was removed: it is no guess. */
  wasKnown(token: string): boolean {
    return this.#gone.has(sha256(token).toString("base64url"));
  }

  /** From here on these count, and only these: with none, nobody may come in. Grants that are the same stay. Throws for a name that is none, and nothing has changed then. */
  set(tokens: readonly AccessToken[]): void {
    const before = this.#open ? [...this.#known, this.#open] : this.#known;
    this.#known = tokens.map((token) => {
      const grant = grantOf(token);
      return before.find((one) => isSame(one, grant)) ?? grant;
    });
    this.#open = null;
    const now = new Set(this.#known);
    for (const { hash } of this.#known) if (hash) this.#gone.delete(hash.toString("base64url"));
    for (const grant of before) if (!now.has(grant)) this.#retire(grant);
  }

  #retire(grant: Grant): void {
    const { hash } = grant;
    const isStillKnown = this.#known.some((one) => hash && one.hash?.equals(hash));
    if (hash && !isStillKnown) this.#gone.add(hash.toString("base64url"));
    const [oldest] = this.#gone;
    if (this.#gone.size > GONE_KEPT && oldest !== undefined) this.#gone.delete(oldest);
    grant.end();
  }
}

function grantOf({ token, can, workflows, name }: AccessToken): Grant {
  const problem = name === undefined ? null : problemOfName(name);
  if (problem !== null) throw new Error(`the name of a token ${problem}`);
  return new Grant(sha256(token), can, workflows ? new Scope(workflows) : EVERYTHING, name ?? null);
}

const isSame = (one: Grant, other: Grant): boolean =>
  one.hash !== null && other.hash !== null && one.hash.equals(other.hash) && allowSame(one, other);

/** Whether both let the same user do the same. */
export const allowSame = (one: Grant, other: Grant): boolean =>
  one.can === other.can && one.scope.key === other.scope.key && one.user === other.user;

const sha256 = (text: string): Buffer => createHash("sha256").update(text).digest();
