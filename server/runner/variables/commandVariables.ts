/** The environment of one command, layer over layer. Pure. */
import type { Environment } from "./environment.js";
import { expandVariables } from "./expand.js";

export interface VariableLayers {
  /** The server's own, inputs, answers and what earlier steps hand on. */
  readonly below: Environment;
  /** `env` of the recipe. */
  readonly recipe: Readonly<Record<string, string>>;
  /** INSTEP_…, over the recipe's. */
  readonly instep: Readonly<Record<string, string>>;
  /** `env` of the step. */
  readonly step: Readonly<Record<string, string>>;
  /** Whether a name that nothing sets is simply empty. Null: values are taken as they are. */
  readonly mayBeUnset: ((name: string) => boolean) | null;
}

export interface CommandVariables {
  readonly env: Environment;
  /** The values that were put together. */
  readonly composed: readonly string[];
  /** Why it cannot be made, in words that name the variable; then nothing can be started. */
  readonly problem: string | null;
}

export function commandVariables(layers: VariableLayers): CommandVariables {
  const { below, recipe, instep, step, mayBeUnset } = layers;
  if (mayBeUnset === null) {
    return { env: { ...below, ...recipe, ...instep, ...step }, composed: [], problem: null };
  }
  const known = (name: string) => mayBeUnset(name) || Object.hasOwn(below, name);
  const all = expandVariables(recipe, { ...below, ...instep }, known);
  if (!all.ok) return impossible(all);
  const lower = { ...below, ...all.env, ...instep };
  const own = expandVariables(step, lower, known);
  if (!own.ok) return impossible(own);
  const composed = [...changed(recipe, all.env), ...changed(step, own.env)];
  return { env: { ...lower, ...own.env }, composed, problem: null };
}

const impossible = ({ name, why }: { readonly name: string; readonly why: string }) => ({
  env: {},
  composed: [],
  problem: `env.${name}: ${why}`,
});

const changed = (
  written: Readonly<Record<string, string>>,
  expanded: Readonly<Record<string, string>>,
): readonly string[] =>
  Object.entries(expanded).flatMap(([name, value]) => (value === written[name] ? [] : [value]));
