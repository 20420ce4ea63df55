/** The tokens that are known, and what each allows. They may change while the server runs; connections that came in by a removed token are told. */
import { createHash, timingSafeEqual } from "node:crypto";
import type { ServerResponse } from "node:http";
import type { Permission } from "../../../shared/wire/serverMessages.js";
import { EVERYTHING, Scope } from "../../state/scope.js";

export interface AccessToken {
  readonly token: string;
  readonly can: Permission;
  /** The ids it is bound to, in which `*` stands for anything. All where missing. */
  readonly workflows?: readonly string[] | undefined;
}

const WATCH: readonly Permission[] = ["watch"];
const DRIVE: readonly Permission[] = ["watch", "drive"];
/** So many removed tokens are remembered, and not taken for guesses. */
const GONE_KEPT = 1_000;

/** The rights of one token, for as long as the token counts. */
export class Grant {
  /** The token's hash; null where none is needed. */
  readonly hash: Buffer | null;
  readonly can: readonly Permission[];
  readonly scope: Scope;
  readonly #ears = new Set<() => void>();
  #isOver = false;

  constructor(hash: Buffer | null, can: Permission, scope: Scope) {
    this.hash = hash;
    this.can = can === "drive" ? DRIVE : WATCH;
    this.scope = scope;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Runs `run` once it is over. The returned function takes that back. */
  whenOver(run: () => void): () => void {
    this.#ears.add(run);
    return () => void this.#ears.delete(run);
  }

  /** From here on an answer lives no longer than it. */
  carries(response: ServerResponse): void {
    response.once(
      "close",
      this.whenOver(() => response.destroy()),
    );
  }

  end(): void {
    this.#isOver = true;
    for (const run of [...this.#ears]) run();
    this.#ears.clear();
  }
}

export class Grants {
  #known: readonly Grant[];
  /** For everyone, as long as no tokens were ever given. */
  #open: Grant | null;
  readonly #gone = new Set<string>();

  /** No tokens: whoever reaches the server may watch and drive. */
  constructor(tokens: readonly AccessToken[]) {
    this.#known = tokens.map(grantOf);
    this.#open = tokens.length === 0 ? new Grant(null, "drive", EVERYTHING) : null;
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

  /** From here on these count, and only these: with none, nobody may come in. Grants that are the same stay. */
  set(tokens: readonly AccessToken[]): void {
    const before = this.#open ? [...this.#known, this.#open] : this.#known;
    this.#open = null;
    this.#known = tokens.map((token) => {
      const grant = grantOf(token);
      return before.find((one) => isSame(one, grant)) ?? grant;
    });
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

const grantOf = ({ token, can, workflows }: AccessToken): Grant =>
  new Grant(sha256(token), can, workflows ? new Scope(workflows) : EVERYTHING);

const isSame = (one: Grant, other: Grant): boolean =>
  one.hash !== null &&
  other.hash !== null &&
  one.hash.equals(other.hash) &&
  one.can === other.can &&
  one.scope.key === other.scope.key;

const sha256 = (text: string): Buffer => createHash("sha256").update(text).digest();
