/** The texts and switches in the form of a definition, kept as a draft, and its start. */
import { useMemo, useState } from "preact/hooks";
import type { DefinitionView } from "../../index.js";
import { createDrafts } from "../form/drafts.js";
import type { Texts } from "../form/fieldInputs.js";
import { type Sending, useSending } from "../form/useSending.js";
import { usePage } from "../page/page.js";
import { useArmed } from "../page/useArmed.js";
import { useStartedLike } from "./startedLike.js";
import { everyStep } from "./stepSwitches.js";

export interface StartFormState {
  readonly texts: Texts;
  readonly sending: Sending;
  isOn(action: string, enabled: boolean): boolean;
  type(field: string, text: string): void;
  switchStep(action: string, wanted: boolean): void;
}

export function useStartForm(definition: DefinitionView, like: string | undefined): StartFormState {
  const { memory, router, runs } = usePage();
  const { name, inputs, steps } = definition;
  const drafts = useMemo(
    () => createDrafts(memory, `start ${name} ${like ?? ""}`),
    [memory, name, like],
  );
  const [texts, setTexts] = useState<Texts>(() => drafts.read());
  const [switched, setSwitched] = useState(() => drafts.readSwitches());
  const isOn = (action: string, enabled: boolean) => switched[action] ?? enabled;
  const actions = (wanted: boolean) =>
    everyStep(steps)
      .filter(({ action, enabled }) => enabled !== wanted && isOn(action, enabled) === wanted)
      .map(({ action }) => action);
  const sending = useSending({
    fields: inputs,
    texts,
    isArmed: useArmed(),
    commandOf: (values) => ({
      kind: "start",
      name,
      inputs: values,
      skip: actions(false),
      enable: actions(true),
      by: runs.tabName,
    }),
    done({ workflow_id }) {
      drafts.forget();
      router.go({ name: "workflow", workflow_id });
    },
  });
  useStartedLike({
    definition,
    like,
    fill(known, chosen) {
      setTexts((typed) => ({ ...known, ...typed }));
      setSwitched((by) => ({ ...chosen, ...by }));
    },
    say: sending.say,
  });
  return {
    texts,
    sending,
    isOn,
    type(field, text) {
      sending.changed();
      const next = { ...texts, [field]: text };
      setTexts(next);
      drafts.keep(next, inputs);
    },
    switchStep(action, wanted) {
      sending.changed();
      const next = { ...switched, [action]: wanted };
      setSwitched(next);
      drafts.keepSwitches(next);
    },
  };
}
