/** The question that is open, as a dialog. It acts once, and only on the state it was asked of. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { LIST, type ListState, newRequestId, type View } from "../../index.js";
import { isSamePage } from "../browser/mount.js";
import { lookOf } from "../look/status.js";
import type { Question, QuestionText } from "../page/asking.js";
import { commandObstacle } from "../page/inStep.js";
import { usePage } from "../page/page.js";
import { useArmed } from "../page/useArmed.js";
import { useView } from "../page/useView.js";
import { Link } from "../parts/link.js";
import { Modal } from "../parts/modal.js";
import { PlanList } from "./planList.js";

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

interface DialogProps {
  readonly question: Question;
  readonly view: View | null;
  readonly list: ListState | null;
}

function Dialog({ question, view, list }: DialogProps) {
  const { asking, connection, router } = usePage();
  const words = question.words(view, list);
  const asked = useRef(words);
  const isWaiting = question.readsList === true && list === null;
  const isSettled = useRef(false);
  // The list that was waited for is a part of what is asked, and no change of it.
  if (!isWaiting && !isSettled.current) {
    asked.current = words ?? asked.current;
    isSettled.current = true;
  }
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
  const hasMoved = !isSending && !isWaiting && basisOf(words) !== basisOf(asked.current);

  useLayoutEffect(() => {
    if (isElsewhere) asking.close();
  }, [asking, isElsewhere]);
  useLayoutEffect(() => {
    if (hasMoved) setChanged(true);
  }, [hasMoved]);

  const isOver = isChanged || hasMoved;
  const shown = isOver || isWaiting ? asked.current : (words ?? asked.current);
  if (!shown) return null;
  const obstacle = commandObstacle(connection.value);

  async function send() {
    // The second press of two comes before the page is drawn again.
    if (isSent.current || isOver || isWaiting || obstacle !== null) return;
    isSent.current = true;
    setSending(true);
    setTrouble(null);
    const expected = view?.position ?? null;
    const wrong = await question.run({ requestId: requestId.current, expected, list });
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
            disabled={obstacle !== null || isOver || isWaiting || isSending || !isArmed}
            onClick={() => void send()}
          >
            {isSending ? "Sending…" : shown.yes}
          </button>
        </>
      }
    >
      {isOver ? (
        <p role="alert" data-testid="changed">
          {changeText(view)} {words?.before && <Before {...words.before} />}
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

const basisOf = (words: QuestionText | null): string =>
  words === null ? "" : (words.basis ?? JSON.stringify(words));

function changeText(view: View | null): string {
  const nothing = "Nothing was done from here; look again before you decide.";
  const status = view?.state?.status;
  if (view?.phase === "closed" && view.closed !== "expired")
    return `It changed meanwhile, in another tab or by itself: it is not there any more. ${nothing}`;
  const now = status ? `: it is “${lookOf(status).word}” now` : "";
  return `It changed meanwhile, in another tab or by itself${now}. ${nothing}`;
}
