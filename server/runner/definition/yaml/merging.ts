/** YAML's merge key: `<<: *base` stands for the pairs of a map, and `<<: [*one, *other]` for those of several. */
import { isMap, isScalar, isSeq, type Pair, Scalar, type YAMLMap } from "yaml";
import type { YamlProblem } from "./yamlText.js";

/** In quotes it is a key like any other. */
export function isMergeKey({ key }: Pair): boolean {
  if (!isScalar(key) || (key.type !== undefined && key.type !== Scalar.PLAIN)) return false;
  // The second is what the schema of YAML 1.1 makes of it.
  return key.value === "<<" || (typeof key.value === "symbol" && key.value.description === "<<");
}

/** Puts pairs in the place of `<<`: what the map says itself wins, then the first of those merged. They keep the places where they stand. */
export function mergeInto(map: YAMLMap): readonly YamlProblem[] {
  const problems: YamlProblem[] = [];
  const taken = new Set(map.items.flatMap((pair) => (isMergeKey(pair) ? [] : nameOf(pair))));
  map.items = map.items.flatMap((pair) => {
    if (!isMergeKey(pair)) return [pair];
    const sources = sourcesOf(pair.value);
    if (sources) return sources.flatMap((source) => pairsOf(source, taken));
    const { range } = pair.key as Scalar;
    problems.push({ offset: range?.[0] ?? 0, message: NO_MAP });
    return [];
  });
  return problems;
}

const NO_MAP =
  "`<<` merges a map, `<<: *base`, or a list of maps, `<<: [*one, *other]`; this is neither";

/** Null where it is no map and no list of maps. */
function sourcesOf(value: unknown): readonly YAMLMap[] | null {
  if (isMap(value)) return [value];
  return isSeq(value) && value.items.every(isMap) ? value.items : null;
}

function pairsOf(source: YAMLMap, taken: Set<string>): Pair[] {
  return source.items.filter((pair) => {
    const names = nameOf(pair);
    if (names.some((name) => taken.has(name))) return false;
    for (const name of names) taken.add(name);
    return true;
  });
}

/** None of a key that is a map or a list itself. */
const nameOf = ({ key }: Pair): readonly string[] => (isScalar(key) ? [String(key.value)] : []);
