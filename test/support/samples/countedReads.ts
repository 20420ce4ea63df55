/** Documents that count how often something in them is read: work that no slow machine can change. */

export interface CountedReads {
  readonly count: number;
  /** The same document to look at; every part of it has one counted double. */
  of(document: unknown): unknown;
}

export function countedReads(): CountedReads {
  let count = 0;
  const doubles = new WeakMap<object, object>();
  const of = (value: unknown): unknown => {
    if (typeof value !== "object" || value === null) return value;
    let double = doubles.get(value);
    if (!double) {
      double = new Proxy(value, {
        get: (target, key) => {
          count += 1;
          const found: unknown = Reflect.get(target, key);
          return typeof found === "function" ? found : of(found);
        },
        ownKeys: (target) => {
          const keys = Reflect.ownKeys(target);
          count += keys.length;
          return keys;
        },
      });
      doubles.set(value, double);
    }
    return double;
  };
  return {
    get count() {
      return count;
    },
    of,
  };
}
