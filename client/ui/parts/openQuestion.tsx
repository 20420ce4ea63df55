/** The question that is open, as a dialog. It acts once, and only on the picture it was asked of. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { newRequestId, type View } from "../../index.js";
import type { Question, QuestionWords } from "../asking.js";
import { commandObstacle } from "../connectionWords.js";
import { lookOf } from "../look/status.js";
import { isSamePage } from "../mount.js";
import { usePage } from "../page.js";
import { useArmed } from "../useArmed.js";
import { useView } from "../useView.js";
import { Modal } from "./modal.js";
import { PlanList } from "./planList.js";

export function OpenQuestion() {
  const question = usePage().asking.open.value;
  if (!question) return null;
  return question.about === null ? (
    <Dialog key={question} question={question} view={null} />
  ) : (
    <AboutWorkflow key={question} question={question} about={question.about} />
  );
}

function AboutWorkflow({ question, about }: { question: Question; about: string }) {
  return <Dialog question={question} view={useView(about)} />;
}

function Dialog({ question, view }: { question: Question; view: View | null }) {
  const { asking, connection, router } = usePage();
  const words = question.words(view);
  const asked = useRef(words);
  const [isChanged, setChanged] = useState(false);
  const [isSending, setSending] = useState(false);
  const [trouble, setTrouble] = useState<string | null>(null);
  const requestId = useRef(newRequestId());
  const isSent = useRef(false);
  const isArmed = useArmed();
  const route = router.route.value;
  const askedAt = useRef(route);
  const isElsewhere = !isSamePage(askedAt.current, route);
  // What this very answer changes is no news to whoever gave it.
  const hasMoved = !isSending && basisOf(words) !== basisOf(asked.current);

  useLayoutEffect(() => {
    if (isElsewhere) asking.close();
  }, [asking, isElsewhere]);
  useLayoutEffect(() => {
    if (hasMoved) setChanged(true);
  }, [hasMoved]);

  const isOver = isChanged || hasMoved;
  const shown = isOver ? asked.current : (words ?? asked.current);
  if (!shown) return null;
  const obstacle = commandObstacle(connection.value);

  async function send() {
    // The second press of two comes before the page is drawn again.
    if (isSent.current || isOver || obstacle !== null) return;
    isSent.current = true;
    setSending(true);
    setTrouble(null);
    const expected = view?.position ?? null;
    const wrong = await question.run({ requestId: requestId.current, expected });
    isSent.current = false;
    setSending(false);
    if (wrong !== null) return setTrouble(wrong);
    if (asking.open.peek() === question) asking.close();
  }

  return (
    <Modal
      name="confirm"
      title={shown.title}
      onClose={() => asking.open.peek() === question && asking.close()}
      choices={
        <>
          <button
            type="button"
            class="button"
            data-testid="harmless"
            onClick={() => asking.close()}
          >
            {isOver ? "Close" : shown.no}
          </button>
          <button
            type="button"
            class={`button ${shown.isDanger ? "is-danger" : "is-primary"}`}
            data-testid="confirm"
            disabled={obstacle !== null || isOver || isSending || !isArmed}
            onClick={() => void send()}
          >
            {isSending ? "Sending…" : shown.yes}
          </button>
        </>
      }
    >
      {isOver ? (
        <p role="alert" data-testid="changed">
          {changeText(view)}
        </p>
      ) : (
        <>
          <p>{shown.text}</p>
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

const basisOf = (words: QuestionWords | null): string =>
  words === null ? "" : (words.basis ?? JSON.stringify(words));

function changeText(view: View | null): string {
  const nothing = "Nothing was done from here; look again before you decide.";
  const status = view?.state?.status;
  if (view?.phase === "closed" && view.closed !== "expired")
    return `It changed meanwhile, in another tab or by itself: it is not there any more. ${nothing}`;
  const now = status ? `: it is “${lookOf(status).word}” now` : "";
  return `It changed meanwhile, in another tab or by itself${now}. ${nothing}`;
}
