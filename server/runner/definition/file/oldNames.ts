/** Keys of a recipe that have a newer name: they are taken, and `check` says the newer one. Pure. */
import { type StepPath, writtenSteps } from "./writtenSteps.js";

interface Doubtful {
  readonly path: StepPath;
  readonly message: string;
}

/** Each of them in a recipe that can be used, as it was written. */
export const oldNames = (raw: unknown): readonly Doubtful[] =>
  [...writtenSteps(raw)].flatMap(({ path, keys }) => {
    if (keys.when_failed === undefined) return [];
    const isOn = keys.when_failed === "continue";
    const message = `is called \`continue_on_error: ${isOn}\` now`;
    return [{ path: [...path, "when_failed"], message }];
  });
