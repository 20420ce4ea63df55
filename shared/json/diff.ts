/** The RFC 6902 patch from one JSON document to another. What changed is never told at greater length than it has itself. */
import {
  align,
  changedPlaces,
  type Gap,
  gapsBetween,
  isShortAndPlain,
  type Run,
} from "./alignment.js";
import { JsonBytes, textBytes } from "./jsonBytes.js";
import {
  escapeToken,
  isForbiddenKey,
  isRecord,
  type JsonRecord,
  type PatchOperation,
} from "./patch.js";
import { isSameScalar, SameJson } from "./sameJson.js";
import { countDifferent, countUnlike, sampledBytes } from "./unlike.js";

/** The bytes of an operation beside its path and its value. */
const OPERATION_BYTES = '{"op":"replace","path":"","value":},'.length;
/** Up to so much more, single operations are worth it: they say what changed. */
const SPARED_BYTES = 256;
const MANY_PARTS = 256;

/**
 * The patch that leads from `before` to `after`, with `add`, `replace` and `remove` only. Equal references are skipped, so for states that share
 * structure the cost is what changed. Keys that hold `undefined` count as absent, as in JSON. As JSON a patch is at most about as long as `after`:
 * where the operations below a value would take more than the value, it is replaced as a whole, and no work goes on below it. With `path` the two
 * are what stands there in a larger document.
 */
export function diff(before: unknown, after: unknown, path = ""): PatchOperation[] {
  const comparison = new Comparison();
  comparison.compare(before, after, { path, bytes: textBytes(path) - 2 });
  return comparison.operations;
}

/** Whether a patch says nothing but the whole document. */
export const isWholeDocument = ([first]: readonly PatchOperation[]): boolean => first?.path === "";

/** A path, and how many bytes it takes as JSON. */
interface Pointer {
  readonly path: string;
  readonly bytes: number;
}

/** A container whose parts are being compared. */
interface Scope {
  readonly at: Pointer;
  readonly after: unknown;
  /** Counted before its first part was compared. */
  readonly operations: number;
  readonly bytes: number;
  /** Having spent so much, look whether it still pays. */
  nextLook: number;
}

class Comparison {
  readonly operations: PatchOperation[] = [];
  readonly #sizes = new JsonBytes();
  readonly #same = new SameJson();
  #bytes = 0;

  /** How many bytes the operations take. */
  get bytes(): number {
    return this.#bytes;
  }

  compare(before: unknown, after: unknown, at: Pointer): void {
    if (isSameScalar(before, after)) return;
    const scope: Scope = {
      at,
      after,
      operations: this.operations.length,
      bytes: this.#bytes,
      nextLook: SPARED_BYTES,
    };
    if (!this.#compareParts(before, after, scope)) this.#replace(scope);
  }

  /** False where it does not pay to tell the parts. */
  #compareParts(before: unknown, after: unknown, scope: Scope): boolean {
    if (Array.isArray(before) && Array.isArray(after))
      return this.#compareLists(before, after, scope) && !this.#isTooMuch(scope);
    if (isRecord(before) && isRecord(after))
      return this.#compareRecords(before, after, scope) && !this.#isTooMuch(scope);
    return false;
  }

  #compareRecords(before: JsonRecord, after: JsonRecord, scope: Scope): boolean {
    const oldKeys = Object.keys(before);
    if (
      oldKeys.length >= MANY_PARTS &&
      this.#areHopeless(countDifferent(oldKeys, before, after), scope)
    )
      return false;
    let common = 0;
    for (const key of oldKeys) {
      const old = before[key];
      if (old === undefined) continue;
      const value = ownIn(after, key);
      if (value !== undefined) common += 1;
      if (value !== undefined && isSameScalar(old, value)) continue;
      if (isForbiddenKey(key)) return false;
      const at = below(scope.at, escapeToken(key));
      if (value === undefined) this.#push({ op: "remove", path: at.path }, at);
      else this.compare(old, value, at);
      if (this.#stops(scope)) return false;
    }
    const keys = Object.keys(after);
    for (const key of keys.length === common ? [] : keys) {
      const value = after[key];
      if (value === undefined || ownIn(before, key) !== undefined) continue;
      if (isForbiddenKey(key)) return false;
      const at = below(scope.at, escapeToken(key));
      this.#push({ op: "add", path: at.path, value }, at);
      if (this.#stops(scope)) return false;
    }
    return true;
  }

  /** First what comes and goes, from the end, so that nothing moves what a later operation means; then what changed where it stands. */
  #compareLists(before: readonly unknown[], after: readonly unknown[], scope: Scope): boolean {
    const places = changedPlaces(before, after);
    if (places) return this.#comparePlaces(places, before, after, scope);
    const runs = this.#matchedRuns(before, after);
    const gaps = gapsBetween(runs, before.length, after.length);
    let length = before.length;
    for (const gap of gaps.toReversed()) {
      if (!this.#resize(gap, length, after, scope)) return false;
      length += gap.now - gap.old;
    }
    const pairs: Run[] = [
      ...runs,
      ...gaps.map((gap) => ({ ...gap, length: Math.min(gap.old, gap.now) })),
    ].sort((a, b) => a.after - b.after);
    const different = before.length >= MANY_PARTS ? countUnlike(pairs, before, after) : 0;
    if (this.#areHopeless(different, scope)) return false;
    const likely = sampledBytes(pairs, (old, now) =>
      costOf(before[old], after[now], below(scope.at, `${now}`)),
    );
    if (this.#isTooMuch(scope, likely)) return false;
    for (const pair of pairs) {
      for (let i = 0; i < pair.length; i++) {
        const value = after[pair.after + i];
        if (isSameScalar(before[pair.before + i], value)) continue;
        this.compare(before[pair.before + i], value, below(scope.at, `${pair.after + i}`));
        if (this.#stops(scope)) return false;
      }
    }
    return true;
  }

  #comparePlaces(
    places: readonly number[],
    before: readonly unknown[],
    after: readonly unknown[],
    scope: Scope,
  ): boolean {
    for (const place of places) {
      this.compare(before[place], after[place], below(scope.at, `${place}`));
      if (this.#stops(scope)) return false;
    }
    return true;
  }

  /** Elements are removed or added behind those that have a counterpart. `length` is what the list has by now. */
  #resize(gap: Gap, length: number, after: readonly unknown[], scope: Scope): boolean {
    for (let i = gap.old - 1; i >= gap.now; i--) {
      const at = below(scope.at, `${gap.before + i}`);
      this.#push({ op: "remove", path: at.path }, at);
      if (this.#stops(scope)) return false;
    }
    for (let i = gap.old; i < gap.now; i++) {
      const isEnd = gap.before + gap.old === length;
      const at = below(scope.at, isEnd ? "-" : `${gap.before + i}`);
      this.#push({ op: "add", path: at.path, value: after[gap.after + i] }, at);
      if (this.#stops(scope)) return false;
    }
    return true;
  }

  /** Elements that belong together although they may have moved: equal beginnings and ends, and what `align` finds between. */
  #matchedRuns(before: readonly unknown[], after: readonly unknown[]): Run[] {
    const shorter = Math.min(before.length, after.length);
    if (isShortAndPlain(before, after)) return [];
    let first = 0;
    while (first < shorter && this.#same.of(before[first], after[first])) first += 1;
    let last = 0;
    while (last < shorter - first && this.#same.of(before.at(-1 - last), after.at(-1 - last)))
      last += 1;
    const middle = align(
      before.slice(first, before.length - last),
      after.slice(first, after.length - last),
    );
    return [
      { before: 0, after: 0, length: first },
      ...middle.map((run) => ({
        ...run,
        before: run.before + first,
        after: run.after + first,
      })),
      { before: before.length - last, after: after.length - last, length: last },
    ];
  }

  #push(operation: PatchOperation, at: Pointer): void {
    this.operations.push(operation);
    const value = "value" in operation ? this.#sizes.of(operation.value) : 0;
    this.#bytes += OPERATION_BYTES + at.bytes + value;
  }

  #stops(scope: Scope): boolean {
    return this.#bytes - scope.bytes >= scope.nextLook && this.#isTooMuch(scope);
  }

  /** `more` is what the rest of the operations will take at least. */
  #isTooMuch(scope: Scope, more = 0): boolean {
    const whole = OPERATION_BYTES + scope.at.bytes + SPARED_BYTES;
    const spent = this.#bytes - scope.bytes + more;
    if (spent <= whole) return false;
    // Counted a good way further than asked for, so that the next looks are few.
    const enough = 4 * spent;
    const size = this.#sizes.upTo(scope.after, enough);
    scope.nextLook = size < enough ? size + whole + 1 : 2 * spent;
    return spent > size + whole;
  }

  /** So many parts differ that telling each of them cannot pay: seen before a single one is told. */
  #areHopeless(different: number, scope: Scope): boolean {
    return this.#isTooMuch(scope, different * (OPERATION_BYTES + scope.at.bytes + 2));
  }

  #replace({ at, after, operations, bytes }: Scope): void {
    this.operations.length = operations;
    this.#bytes = bytes;
    this.#push({ op: "replace", path: at.path, value: after ?? null }, at);
  }
}

function costOf(before: unknown, after: unknown, at: Pointer): number {
  const comparison = new Comparison();
  comparison.compare(before, after, at);
  return comparison.bytes;
}

/** A property of the prototype is not in the document. */
function ownIn(record: JsonRecord, key: string): unknown {
  const value = record[key];
  const isMine = typeof value !== "function" && key !== "__proto__";
  return isMine || Object.hasOwn(record, key) ? value : undefined;
}

const below = (at: Pointer, token: string): Pointer => ({
  path: `${at.path}/${token}`,
  bytes: at.bytes + textBytes(token) - 1,
});
