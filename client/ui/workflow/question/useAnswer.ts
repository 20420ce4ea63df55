/** The texts that somebody typed as an answer to a question, kept as a draft, and their sending. */
import { useLayoutEffect, useMemo, useState } from "preact/hooks";
import type { BlockInfo, Fields, WorkflowState } from "../../../index.js";
import { createDrafts } from "../../form/drafts.js";
import type { Texts } from "../../form/fieldInputs.js";
import { fieldsIn } from "../../form/formValues.js";
import { type Sending, useSending } from "../../form/useSending.js";
import { usePage } from "../../page/page.js";
import { useArmed } from "../../page/useArmed.js";

export interface AnswerState {
  readonly fields: Fields;
  readonly texts: Texts;
  readonly sending: Sending;
  change(name: string, text: string): void;
}

export function useAnswer({ workflow_id }: WorkflowState, question: BlockInfo): AnswerState {
  const { memory, runs } = usePage();
  const id = question.id ?? "";
  const fields = fieldsIn(question.fields);
  const drafts = useMemo(() => createDrafts(memory, id), [memory, id]);
  const [texts, setTexts] = useState<Texts>(() => drafts.read());
  const sending = useSending({
    fields,
    texts,
    isArmed: useArmed(id),
    commandOf: (answer) => ({
      kind: "answer",
      workflow_id,
      answer,
      by: runs.tabName,
      ...(question.id !== undefined && { question: question.id }),
    }),
    done: () => drafts.forget(),
  });
  // Draft and mistakes of another question are not this one's.
  useLayoutEffect(() => {
    setTexts(drafts.read());
    sending.reset();
  }, [drafts]);
  return {
    fields,
    texts,
    sending,
    change(name, text) {
      const next = { ...texts, [name]: text };
      sending.changed();
      setTexts(next);
      drafts.keep(next, fields);
    },
  };
}
