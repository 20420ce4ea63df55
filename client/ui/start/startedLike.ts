/** The inputs and switches of an earlier workflow, for a form that begins as that one was started. */
import { useLayoutEffect } from "preact/hooks";
import {
  branchesOf,
  type DefinitionView,
  isLeftOut,
  MASK,
  type Step,
  type WorkflowState,
} from "../../index.js";
import type { Texts } from "../form/fieldInputs.js";
import { usePage } from "../page/page.js";

export type Switches = Readonly<Record<string, boolean>>;

interface StartedLikeOptions {
  readonly definition: DefinitionView;
  /** The earlier workflow. */
  readonly like: string | undefined;
  fill(texts: Texts, switches: Switches): void;
  /** They did not come: a sentence that says why. */
  say(trouble: string): void;
}

/** Reads them once for each `like`. */
export function useStartedLike({ definition, like, fill, say }: StartedLikeOptions): void {
  const { client } = usePage();
  useLayoutEffect(() => {
    if (like === undefined) return;
    const stop = new AbortController();
    client.rest.load(like, { signal: stop.signal }).then(
      (found) => {
        if (stop.signal.aborted) return;
        if (!found) return say(`${like} is not there any more; fill the form in.`);
        fill(textsOf(found.state), switchesOf(found.state, definition));
      },
      () => !stop.signal.aborted && say(`The inputs of ${like} did not come; fill them in.`),
    );
    return () => stop.abort();
  }, [client, like, definition]);
}

/** Masked values have to be typed again. */
function textsOf({ inputs = {} }: WorkflowState): Texts {
  const known = Object.entries(inputs).filter(([, value]) => value !== MASK);
  return Object.fromEntries(known.map(([name, value]) => [name, String(value)]));
}

function switchesOf({ steps }: WorkflowState, defined: DefinitionView): Switches {
  return Object.fromEntries(
    defined.steps.flatMap((step, index) => {
      const was = steps[index];
      if (was?.action !== step.action) return [];
      const branches = branchesOf(was);
      return [
        ...switchOf(step, was),
        ...(step.parallel ?? []).flatMap((branch, at) => switchOf(branch, branches[at])),
      ];
    }),
  );
}

/** A step that was left out on the way was not switched off. */
function switchOf(
  { action, enabled }: DefinitionView["steps"][number],
  was: Step | undefined,
): [string, boolean][] {
  const isOn = was?.status !== "skipped" || isLeftOut(was);
  return was?.action === action && isOn !== enabled ? [[action, isOn]] : [];
}
