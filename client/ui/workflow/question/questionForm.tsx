/** The question of a blocked workflow as a form: any tab may answer, the first answer counts, and what was typed survives a reload. */
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { type BlockInfo, newRequestId, type WorkflowState } from "../../../index.js";
import { ignoreHeldKey } from "../../browser/heldKey.js";
import { runCommand } from "../../commands/runCommand.js";
import { createDrafts } from "../../form/drafts.js";
import { ErrorSummary } from "../../form/errorSummary.js";
import { FieldInputs, type Texts } from "../../form/fieldInputs.js";
import { byName, checkTexts, fieldsIn } from "../../form/formValues.js";
import { Glyph } from "../../look/glyph.js";
import { formatClock, parseTime } from "../../look/time.js";
import { enterLeads } from "../../page/enterLeads.js";
import { Until } from "../../page/freshness.js";
import { commandObstacle } from "../../page/inStep.js";
import { usePage } from "../../page/page.js";
import { useArmed } from "../../page/useArmed.js";
import { LinkedText } from "../../parts/textLink.js";
import { afterAnswer } from "./afterAnswer.js";

interface QuestionFormProps {
  readonly state: WorkflowState;
  readonly question: BlockInfo;
}

export function QuestionForm({ state, question }: QuestionFormProps) {
  const { client, connection, memory, runs } = usePage();
  const id = question.id ?? "";
  const fields = fieldsIn(question.fields);
  const drafts = useMemo(() => createDrafts(memory, id), [memory, id]);
  const [texts, setTexts] = useState<Texts>(() => drafts.read());
  const [problems, setProblems] = useState<Texts>({});
  const [trouble, setTrouble] = useState<string | null>(null);
  const [isSending, setSending] = useState(false);
  const isSent = useRef(false);
  /** The same for each press, until something else is answered. */
  const requestId = useRef<string | null>(null);
  const isArmed = useArmed(id);
  const step = state.steps[question.step ?? state.current_step];
  const after = afterAnswer(state, question, Object.keys(fields).length > 0);
  const deadline = parseTime(question.deadline);
  const obstacle = commandObstacle(connection.value);

  // Draft and mistakes of another question are not this one's.
  useLayoutEffect(() => {
    setTexts(drafts.read());
    requestId.current = null;
    setProblems({});
    setTrouble(null);
  }, [drafts]);

  const change = (name: string, text: string) => {
    const next = { ...texts, [name]: text };
    requestId.current = null;
    setTexts(next);
    drafts.keep(next, fields);
  };

  async function send(event: Event) {
    event.preventDefault();
    if (isSent.current || !isArmed || obstacle !== null) return;
    setTrouble(null);
    const checked = checkTexts(fields, texts);
    setProblems(checked.problems);
    if (!checked.isForServer) return;
    isSent.current = true;
    setSending(true);
    requestId.current ??= newRequestId();
    const result = await runCommand(
      client,
      {
        kind: "resume",
        workflow_id: state.workflow_id,
        answer: { ...checked.values },
        by: runs.tabName,
        ...(question.id !== undefined && { question: question.id }),
      },
      { requestId: requestId.current },
    );
    isSent.current = false;
    setSending(false);
    if (result.ok) return drafts.forget();
    if (result.code !== null) requestId.current = null;
    setProblems(byName(fields, result.errors));
    setTrouble(result.errors.length > 0 ? null : result.why);
  }

  return (
    <form
      class="question notice tone-blocked"
      data-testid="question"
      noValidate
      onSubmit={send}
      onKeyDown={enterLeads}
    >
      <Glyph status="blocked" />
      <div class="question-body">
        <h2 class="question-title">
          <span role="alert">
            {step
              ? `Step ${step.index + 1}, “${step.title ?? step.action}”, needs your answer`
              : "It needs your answer"}
          </span>
        </h2>
        <p class="question-prompt">
          <LinkedText text={question.prompt ?? question.block_reason ?? "It waits for somebody."} />
        </p>
        <ErrorSummary prefix="answer" fields={fields} problems={problems} trouble={trouble} />
        <div class="question-fields">
          <FieldInputs
            prefix="answer"
            fields={fields}
            texts={texts}
            problems={problems}
            onText={change}
          />
        </div>
        <div class="question-foot">
          <button
            type="submit"
            class="button is-primary"
            data-testid="answer"
            disabled={obstacle !== null || isSending || !isArmed}
            onKeyDown={ignoreHeldKey}
            title={obstacle ?? undefined}
          >
            {isSending ? "Answering…" : after.button}
          </button>
          <span class="question-more">
            {after.more && <>{after.more} </>}The first answer counts.
            {deadline !== null && (
              <>
                {" "}
                It waits until {formatClock(deadline)} (<Until at={deadline} />
                ), then{" "}
                {question.on_deadline === "default" ? "it takes the default" : "the step fails"}.
              </>
            )}
          </span>
        </div>
      </div>
    </form>
  );
}
