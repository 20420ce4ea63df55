/** The question of a blocked workflow as a form: any tab may answer, the first answer counts, and what was typed survives a reload. */
import type { BlockInfo, WorkflowState } from "../../../index.js";
import { ErrorSummary } from "../../form/errorSummary.js";
import { FieldInputs } from "../../form/fieldInputs.js";
import { SubmitButton } from "../../form/submitButton.js";
import { Glyph } from "../../look/glyph.js";
import { formatClock, parseTime } from "../../look/time.js";
import { enterLeads } from "../../page/enterLeads.js";
import { Until } from "../../page/freshness.js";
import { LinkedText } from "../../parts/textLink.js";
import { afterAnswer } from "./afterAnswer.js";
import { useAnswer } from "./useAnswer.js";

interface QuestionFormProps {
  readonly state: WorkflowState;
  readonly question: BlockInfo;
}

export function QuestionForm({ state, question }: QuestionFormProps) {
  const { fields, texts, sending, change } = useAnswer(state, question);
  const step = state.steps[question.step ?? state.current_step];
  const after = afterAnswer(state, question, Object.keys(fields).length > 0);
  return (
    <form
      class="question notice tone-blocked"
      data-testid="question"
      noValidate
      onSubmit={sending.send}
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
        <ErrorSummary
          prefix="answer"
          fields={fields}
          problems={sending.problems}
          trouble={sending.trouble}
        />
        <div class="question-fields">
          <FieldInputs
            prefix="answer"
            fields={fields}
            texts={texts}
            problems={sending.problems}
            onText={change}
          />
        </div>
        <div class="question-foot">
          <SubmitButton testid="answer" label={after.button} busy="Answering…" sending={sending} />
          <span class="question-more">
            {after.more && <>{after.more} </>}The first answer counts.
            <WaitsUntil question={question} />
          </span>
        </div>
      </div>
    </form>
  );
}

/** Until when the question waits, and what happens then. */
function WaitsUntil({ question }: Pick<QuestionFormProps, "question">) {
  const deadline = parseTime(question.deadline);
  if (deadline === null) return null;
  return (
    <>
      {" "}
      It waits until {formatClock(deadline)} (<Until at={deadline} />
      ), then {question.on_deadline === "default" ? "it takes the default" : "the step fails"}.
    </>
  );
}
