/** Whether two values are the same JSON. Equal references are believed at once, and no pair is walked twice. */
import { isRecord, type JsonRecord } from "./patch.js";

/** A pair that took fewer looks than this is looked at again rather than remembered. */
const REMEMBERED_LOOKS = 16;

export const isSameScalar = (a: unknown, b: unknown): boolean =>
  a === b || Object.is(a, b) || (a == null && b == null);

export class SameJson {
  /** For a container the one it was compared with last. */
  readonly #known = new Map<object, { readonly other: object; readonly isSame: boolean }>();
  #looks = 0;

  of(a: unknown, b: unknown): boolean {
    this.#looks += 1;
    if (isSameScalar(a, b)) return true;
    if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
    const known = this.#known.get(b);
    if (known?.other === a) return known.isSame;
    const before = this.#looks;
    const isSame = this.#compare(a, b);
    if (this.#looks - before >= REMEMBERED_LOOKS) this.#known.set(b, { other: a, isSame });
    return isSame;
  }

  #compare(a: object, b: object): boolean {
    if (Array.isArray(a)) return Array.isArray(b) && this.#lists(a, b);
    return isRecord(a) && isRecord(b) && this.#records(a, b);
  }

  #lists(a: readonly unknown[], b: readonly unknown[]): boolean {
    if (a.length !== b.length) return false;
    for (let i = 0; i < a.length; i++) if (!this.of(a[i], b[i])) return false;
    return true;
  }

  #records(a: JsonRecord, b: JsonRecord): boolean {
    let count = 0;
    for (const key of Object.keys(a)) {
      const value = a[key];
      if (value === undefined) continue;
      const other = Object.hasOwn(b, key) ? b[key] : undefined;
      if (other === undefined || !this.of(value, other)) return false;
      count += 1;
    }
    for (const key of Object.keys(b)) if (b[key] !== undefined) count -= 1;
    return count === 0;
  }
}
