/** Keys in a definition that no object can have: `__proto__` would be left out without a word. */
import { type Document, isMap, isPair, isScalar, isSeq, visit } from "yaml";

const KEY = "__proto__";

/** By their places; empty where there is none. */
export function protoKeys(document: Document): { path: (string | number)[]; message: string }[] {
  const found: { path: (string | number)[]; message: string }[] = [];
  visit(document, {
    Pair: (_, { key }, parents) => {
      if (!isScalar(key) || key.value !== KEY) return;
      found.push({ path: [...namesOf(parents), KEY], message: "is not a name anything can have" });
    },
  });
  return found;
}

/** The keys and places on the way to a node. */
function namesOf(parents: readonly unknown[]): (string | number)[] {
  return parents.flatMap((parent, index): (string | number)[] => {
    const next = parents[index + 1];
    if (isPair(parent) && isScalar(parent.key)) return [String(parent.key.value)];
    if (isSeq(parent) && isMap(next)) return [parent.items.indexOf(next)];
    return [];
  });
}
