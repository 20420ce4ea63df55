/** Values of `env` that can be used and are hardly meant: names that nothing sets, and commands that no shell will see. Pure. */
import { namesIn, whyUnset } from "../../variables/expand.js";
import { knownNames } from "../../variables/knownNames.js";
import type { WorkflowDefinition } from "../definition.js";
import { stepsWithPaths } from "./writtenSteps.js";

export interface DoubtfulValue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

const COMMAND = /(?:^|[^$])(?:\$\$)*\$\(/;

export function doubtfulValues(definition: WorkflowDefinition): readonly DoubtfulValue[] {
  const isKnown = knownNames(definition);
  const isSet = (name: string) => isKnown(name) || Object.hasOwn(definition.env, name);
  return [
    ...doubtfulIn(definition.env, ["env"], isKnown),
    ...stepsWithPaths(definition).flatMap(({ path, step }) =>
      doubtfulIn(step.env, [...path, "env"], isSet),
    ),
  ];
}

function doubtfulIn(
  env: Readonly<Record<string, string>>,
  path: readonly PropertyKey[],
  isKnown: (name: string) => boolean,
): readonly DoubtfulValue[] {
  const above = new Set<string>();
  return Object.entries(env).flatMap(([name, value]) => {
    above.add(name);
    const unset = namesIn(value).filter((asked) => !above.has(asked) && !isKnown(asked));
    const messages = unset.map((asked) => whyUnset(asked, env));
    if (COMMAND.test(value)) messages.push("`$(` stays as it is: no shell reads this value");
    return messages.map((message) => ({ path: [...path, name], message }));
  });
}
