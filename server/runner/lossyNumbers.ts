/** Numbers in a definition that are meant as text and would lose some of it: `VERSION: 1.10` would reach a command as 1.1. */
import { type Document, isScalar, isSeq } from "yaml";
import { entriesOf } from "./yamlText.js";

type Path = readonly (string | number)[];
type Place = readonly [path: Path, node: unknown];

/** By their places; empty where every number is written as it reads. */
export function lossyNumbers({ contents }: Document): { path: Path; message: string }[] {
  const root: Place = [[], contents];
  const steps = at(root, "steps").flatMap(inside);
  const asks = steps.flatMap((step) => at(step, "ask"));
  const fields = [root, ...asks].flatMap((place) =>
    at(place, place === root ? "inputs" : "fields").flatMap(inside),
  );
  const texts = [
    ...[root, ...steps].flatMap((place) => at(place, "env")),
    ...fields.flatMap((field) => at(field, "options")),
  ].flatMap(inside);
  return texts.flatMap(([path, node]) => {
    if (!isScalar(node) || typeof node.value !== "number") return [];
    const { value, source } = node;
    if (source === undefined || String(value) === source) return [];
    return [{ path, message: `would become ${value}: write "${source}", in quotes` }];
  });
}

const at = ([path, node]: Place, name: string): Place[] =>
  entriesOf(node)
    .filter(([key]) => key === name)
    .map(([key, value]) => [[...path, key], value]);

/** The places in a map or a list; none where there is neither. */
function inside([path, node]: Place): Place[] {
  if (isSeq(node)) return node.items.map((item, index) => [[...path, index], item]);
  return entriesOf(node).map(([key, value]) => [[...path, key], value]);
}
