/** Keys of a recipe that have a newer name: they are taken, and `check` says the newer one. Pure. */

interface Doubtful {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** Of a recipe that can be used, as it was written. */
export function oldNames(raw: unknown): readonly Doubtful[] {
  return stepsIn(raw).flatMap((step, index) => [
    ...oldIn(step, ["steps", index]),
    ...stepsIn(step, "parallel").flatMap((branch, place) =>
      oldIn(branch, ["steps", index, "parallel", place]),
    ),
  ]);
}

function oldIn(step: Written, path: readonly (string | number)[]): readonly Doubtful[] {
  if (step.when_failed === undefined) return [];
  const isOn = step.when_failed === "continue";
  const message = `is called \`continue_on_error: ${isOn}\` now`;
  return [{ path: [...path, "when_failed"], message }];
}

type Written = Readonly<Record<string, unknown>>;

function stepsIn(raw: unknown, key = "steps"): readonly Written[] {
  const steps = (raw as Written | null)?.[key];
  return Array.isArray(steps) ? (steps as Written[]) : [];
}
