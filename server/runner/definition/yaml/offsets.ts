/** Where in the text a field stands, by its path. */
import { type Document, isMap, isScalar, isSeq, type Pair } from "yaml";

/** The offset of a field; where it is missing, of the nearest thing around it. Each call costs as much as its path is long. */
export type Offsets = (path: readonly PropertyKey[]) => number;

export function offsetsIn(document: Document): Offsets {
  const pairs = new Map<unknown, ReadonlyMap<string, Pair>>();
  const pairsOf = (map: { readonly items: readonly Pair[] }): ReadonlyMap<string, Pair> => {
    const known = pairs.get(map);
    if (known) return known;
    const named = map.items.flatMap((pair) =>
      isScalar(pair.key) ? [[String(pair.key.value), pair] as const] : [],
    );
    const byName = new Map(named);
    pairs.set(map, byName);
    return byName;
  };
  return (path) => {
    let node: unknown = document.contents;
    let offset = startOf(node) ?? 0;
    for (const name of path) {
      let stands: unknown;
      if (isMap(node)) {
        const pair = pairsOf(node).get(String(name));
        // The key, not the value: a wrong value may be empty and stand nowhere.
        stands = pair?.key;
        node = pair?.value;
      } else if (isSeq(node)) {
        node = node.items[Number(name)];
        stands = node;
      }
      if (stands === undefined) break;
      offset = startOf(stands) ?? offset;
    }
    return offset;
  };
}

const startOf = (node: unknown): number | undefined =>
  (node as { readonly range?: readonly number[] } | null)?.range?.[0];
