/** The question that is open, as a dialog. It acts once, and only on the state it was asked of. */
import { LIST, type View } from "../../index.js";
import { lookOf } from "../look/status.js";
import type { Question, QuestionText } from "../page/asking.js";
import { usePage } from "../page/page.js";
import { useView } from "../page/useView.js";
import { Link } from "../parts/link.js";
import { Modal } from "../parts/modal.js";
import { PlanList } from "./planList.js";
import { type AskedOf, useOpenQuestion } from "./useOpenQuestion.js";

export function OpenQuestion() {
  const question = usePage().asking.open.value;
  if (!question) return null;
  const { about, readsList } = question;
  if (about === null) return <Dialog key={question} question={question} view={null} list={null} />;
  const Reader = readsList ? AboutOthersToo : AboutWorkflow;
  return <Reader key={question} question={question} about={about} />;
}

interface AboutProps {
  readonly question: Question;
  readonly about: string;
}

function AboutWorkflow({ question, about }: AboutProps) {
  return <Dialog question={question} view={useView(about)} list={null} />;
}

function AboutOthersToo({ question, about }: AboutProps) {
  const { phase, list } = useView(LIST);
  const current = phase === "live" ? list : null;
  return <Dialog question={question} view={useView(about)} list={current} />;
}

function Dialog(props: AskedOf) {
  const { asking } = usePage();
  const { shown, now, isOver, isSending, isReady, obstacle, trouble, send } =
    useOpenQuestion(props);
  if (!shown) return null;
  return (
    <Modal
      name="confirm"
      title={shown.title}
      onClose={() => asking.open.peek() === props.question && asking.close()}
      choices={
        <>
          <button
            type="button"
            class="button"
            data-first
            data-testid="harmless"
            onClick={() => asking.close()}
          >
            {isOver ? "Close" : shown.no}
          </button>
          <button
            type="button"
            class={`button ${shown.isDanger ? "is-danger" : "is-primary"}`}
            data-testid="confirm"
            disabled={!isReady}
            onClick={() => void send()}
          >
            {isSending ? "Sending…" : shown.yes}
          </button>
        </>
      }
    >
      {isOver ? (
        <p role="alert" data-testid="changed">
          {changeText(props.view)} {now?.before && <Before {...now.before} />}
        </p>
      ) : (
        <>
          <p>
            {shown.text} {shown.before && <Before {...shown.before} />}
          </p>
          {shown.plan && <PlanList plan={shown.plan} recipe={shown.recipe} />}
        </>
      )}
      {trouble !== null && !isOver && (
        <p class="dialog-trouble" role="alert" data-testid="trouble">
          {trouble}
        </p>
      )}
      {obstacle !== null && <p role="status">{obstacle}</p>}
    </Modal>
  );
}

function Before({ text, workflow_id }: NonNullable<QuestionText["before"]>) {
  return <Link to={{ name: "workflow", workflow_id }}>{text}</Link>;
}

function changeText(view: View | null): string {
  const nothing = "Nothing was done from here; look again before you decide.";
  const status = view?.state?.status;
  if (view?.phase === "closed" && view.closed !== "expired")
    return `It changed meanwhile, in another tab or by itself: it is not there any more. ${nothing}`;
  const now = status ? `: it is “${lookOf(status).word}” now` : "";
  return `It changed meanwhile, in another tab or by itself${now}. ${nothing}`;
}
