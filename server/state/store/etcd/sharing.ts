/** Gives a record that came over the wire the parts that have not changed since the one before: readers tell by identity what is new. */

/** `next`, with every part that equals its counterpart in `before` replaced by that. Both are JSON. */
export function sharing<T>(before: unknown, next: T): T {
  if (before === next || !isContainer(before) || !isContainer(next)) return next;
  if (Array.isArray(before) !== Array.isArray(next)) return next;
  const old = before as Record<string, unknown>;
  const now = next as Record<string, unknown>;
  const keys = Object.keys(now);
  let isSame = keys.length === Object.keys(old).length;
  for (const key of keys) {
    if (!Object.hasOwn(old, key)) {
      isSame = false;
      continue;
    }
    const shared = sharing(old[key], now[key]);
    // A value of its own that parsing made: nobody else has it.
    if (shared !== now[key]) put(now, key, shared);
    if (shared !== old[key]) isSame = false;
  }
  return isSame ? (before as T) : next;
}

/** An assignment to `__proto__` would be none, and a definition costs many times as much. */
function put(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== "__proto__") target[key] = value;
  else
    Object.defineProperty(target, key, {
      ...{ writable: true, enumerable: true, configurable: true },
      value,
    });
}

const isContainer = (value: unknown): value is object =>
  typeof value === "object" && value !== null;
