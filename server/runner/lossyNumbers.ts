/** Numbers in a definition that are meant as text and would lose some of it: `VERSION: 1.10` would reach a command as 1.1. */
import { type Document, isMap, isScalar, isSeq } from "yaml";

type Path = readonly (string | number)[];

/** By their places; empty where every number is written as it reads. */
export function lossyNumbers(document: Document): { path: Path; message: string }[] {
  const steps = inside(document, ["steps"]);
  const fields = [
    ...inside(document, ["inputs"]),
    ...steps.flatMap((step) => inside(document, [...step, "ask", "fields"])),
  ];
  const texts = [
    ...inside(document, ["env"]),
    ...steps.flatMap((step) => inside(document, [...step, "env"])),
    ...fields.flatMap((field) => inside(document, [...field, "options"])),
  ];
  return texts.flatMap((path) => {
    const node = document.getIn(path, true);
    if (!isScalar(node) || typeof node.value !== "number") return [];
    const { value, source } = node;
    if (source === undefined || String(value) === source) return [];
    return [{ path, message: `would become ${value}: write "${source}", in quotes` }];
  });
}

/** The places in a map or a list; none where there is neither. */
function inside(document: Document, path: Path): Path[] {
  const node = document.getIn(path, true);
  if (isSeq(node)) return node.items.map((_, index) => [...path, index]);
  if (!isMap(node)) return [];
  return node.items.flatMap(({ key }) =>
    isScalar(key) && typeof key.value === "string" ? [[...path, key.value]] : [],
  );
}
