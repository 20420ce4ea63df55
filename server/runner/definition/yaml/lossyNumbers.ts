/** Numbers in a definition that would not stay what is written: `VERSION: 1.10`, meant as text, would reach a command as 1.1. */
import { type Document, isScalar, isSeq } from "yaml";
import { keepsNumber } from "../../../../shared/json/numbers.js";
import { entriesOf } from "./yamlText.js";

type Path = readonly (string | number)[];
type Located = readonly [path: Path, node: unknown];

interface LossyNumber {
  readonly path: Path;
  readonly message: string;
}

/** By their places; empty where every number is written as it reads. */
export function lossyNumbers({ contents }: Document): LossyNumber[] {
  const asText = lostAsText(contents);
  const known = new Set(asText.map(({ path }) => path.join(".")));
  const asNumbers = lostAsNumbers(contents).filter(({ path }) => !known.has(path.join(".")));
  return [...asText, ...asNumbers];
}

function lostAsText(contents: unknown): LossyNumber[] {
  const root: Located = [[], contents];
  const own = at(root, "steps").flatMap(inside);
  const steps = [...own, ...own.flatMap((step) => at(step, "parallel")).flatMap(inside)];
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

/** Numbers with so many digits, or so large, that a JavaScript number (an IEEE 754 double) keeps only a part of them. */
function lostAsNumbers(contents: unknown): LossyNumber[] {
  const found: LossyNumber[] = [];
  const open: Located[] = [[[], contents]];
  for (let next = open.pop(); next; next = open.pop()) {
    const [path, node] = next;
    if (!isScalar(node)) for (const place of inside(next)) open.push(place);
    else if (typeof node.value === "number" && !isKept(node.source))
      found.push({ path, message: `would become ${node.value}: no number keeps so much of it` });
  }
  return found;
}

const isKept = (source: string | undefined): boolean =>
  source === undefined || /^[-+]?\.(inf|nan)$/i.test(source) || keepsNumber(source);

const at = ([path, node]: Located, name: string): Located[] =>
  entriesOf(node)
    .filter(([key]) => key === name)
    .map(([key, value]) => [[...path, key], value]);

/** The places in a map or a list; none where there is neither. */
function inside([path, node]: Located): Located[] {
  if (isSeq(node)) return node.items.map((item, index) => [[...path, index], item]);
  return entriesOf(node).map(([key, value]) => [[...path, key], value]);
}
