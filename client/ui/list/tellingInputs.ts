/** Finds the inputs that tell the workflows of a definition apart: those that not all of them have with the same value. Pure. */
import type { Summary } from "../../index.js";

/** By definition, or by name where there is none. Where only one workflow is of it, all its inputs. */
export type TellingInputs = ReadonlyMap<string, ReadonlySet<string>>;

export function tellingInputs(summaries: readonly Summary[]): TellingInputs {
  const known = new Map<
    string,
    { first: Summary["inputs"]; count: number; telling: Set<string> }
  >();
  for (const { inputs, ...summary } of summaries) {
    const kind = kindOf(summary);
    const one = known.get(kind) ?? { first: inputs, count: 0, telling: new Set<string>() };
    known.set(kind, one);
    one.count += 1;
    for (const name of [...Object.keys(inputs), ...Object.keys(one.first)])
      if (inputs[name] !== one.first[name]) one.telling.add(name);
  }
  return new Map(
    [...known].map(([kind, { first, count, telling }]) => [
      kind,
      count === 1 ? new Set(Object.keys(first)) : telling,
    ]),
  );
}

/** `host=web-7 · mode=blue`: what tells this one from the others of its definition. */
export function inputsText(summary: Summary, telling: TellingInputs): string {
  const names = telling.get(kindOf(summary));
  return Object.entries(summary.inputs)
    .filter(([name]) => names?.has(name))
    .map(([name, value]) => `${name}=${value}`)
    .join(" · ");
}

const kindOf = ({ definition, name, title }: Pick<Summary, "definition" | "name" | "title">) =>
  definition ?? name ?? title ?? "";
