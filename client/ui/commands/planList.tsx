/** Shows the fate of each step in groups: which run, which are kept, which are left out, and which of those that run ask. */
import { useLayoutEffect, useState } from "preact/hooks";
import { placeNumber } from "../../index.js";
import type { QuestionText, StepGroup } from "../page/asking.js";
import { usePage } from "../page/page.js";

interface PlanListProps {
  readonly plan: readonly StepGroup[];
  readonly recipe: QuestionText["recipe"];
}

export function PlanList({ plan, recipe }: PlanListProps) {
  const asks = useAsking(recipe);
  return (
    <section
      class="plan"
      aria-label="What becomes of the steps"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
      tabIndex={0}
    >
      {plan
        .filter(({ steps }) => steps.length > 0)
        .map(({ heading, steps, isAhead }) => (
          <div key={heading} data-testid={`plan-${heading.toLowerCase().replaceAll(" ", "-")}`}>
            <h3>{heading}</h3>
            <ol>
              {steps.map(({ index, name }) => (
                <li key={index}>
                  <span class="plan-place">{placeNumber(index)}.</span> {name}
                  {isAhead && asks.has(index) && <span class="field-usual"> asks</span>}
                </li>
              ))}
            </ol>
          </div>
        ))}
    </section>
  );
}

/** Empty until the definition came, and where it has other steps now. */
function useAsking(recipe: QuestionText["recipe"]): ReadonlySet<number> {
  const { client } = usePage();
  const [asks, setAsks] = useState<ReadonlySet<number>>(new Set());
  const key = JSON.stringify(recipe ?? null);
  useLayoutEffect(() => {
    if (!recipe) return;
    const stop = new AbortController();
    client.rest.definitions({ signal: stop.signal }).then(
      ({ definitions }) => {
        const steps = definitions.find(({ name }) => name === recipe.definition)?.steps ?? [];
        const isSame = steps.map(({ action }) => action).join("\n") === recipe.actions.join("\n");
        if (stop.signal.aborted || !isSame) return;
        setAsks(new Set(steps.flatMap((step, index) => (step.asks ? [index] : []))));
      },
      // A question is asked all the same: each step says itself when it asks.
      () => {},
    );
    return () => stop.abort();
  }, [client, key]);
  return asks;
}
