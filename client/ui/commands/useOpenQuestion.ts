/** An open question as it was asked and as it would be asked now, and its answer, which is given once and only where both are the same. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { type ListState, newRequestId, type View } from "../../index.js";
import { isSamePage } from "../browser/mount.js";
import type { Question, QuestionText } from "../page/asking.js";
import { commandObstacle } from "../page/inStep.js";
import { usePage } from "../page/page.js";
import { useArmed } from "../page/useArmed.js";

export interface AskedOf {
  readonly question: Question;
  readonly view: View | null;
  readonly list: ListState | null;
}

interface Asked {
  /** Null where there was nothing to ask. */
  readonly shown: QuestionText | null;
  /** As it would be asked now; null where there is nothing to ask any more. */
  readonly now: QuestionText | null;
  /** It changed while it was asked: there is nothing to say yes to any more. */
  readonly isOver: boolean;
  /** For the list that it is about as well. */
  readonly isWaiting: boolean;
}

export interface OpenQuestionState extends Asked {
  readonly isSending: boolean;
  /** The answer can be given. */
  readonly isReady: boolean;
  readonly obstacle: string | null;
  readonly trouble: string | null;
  send(): Promise<void>;
}

export function useOpenQuestion(of: AskedOf): OpenQuestionState {
  const { question, view, list } = of;
  const { asking, connection } = usePage();
  const [isSending, setSending] = useState(false);
  const [trouble, setTrouble] = useState<string | null>(null);
  const requestId = useRef(newRequestId());
  const isSent = useRef(false);
  const isArmed = useArmed();
  const asked = useAsked(of, isSending);
  const obstacle = commandObstacle(connection.value);
  const canSend = !asked.isOver && !asked.isWaiting && obstacle === null;
  useCloseElsewhere();

  async function send() {
    // The second press of two comes before the page is drawn again.
    if (isSent.current || !canSend) return;
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
  const isReady = canSend && !isSending && isArmed;
  return { ...asked, isSending, isReady, obstacle, trouble, send };
}

function useAsked({ question, view, list }: AskedOf, isSending: boolean): Asked {
  const now = question.textOf(view, list);
  const first = useRef(now);
  const isWaiting = question.readsList === true && list === null;
  const isSettled = useRef(false);
  // The list that was waited for is a part of what is asked, and no change of it.
  if (!isWaiting && !isSettled.current) {
    first.current = now ?? first.current;
    isSettled.current = true;
  }
  const [isChanged, setChanged] = useState(false);
  // The change that this very answer makes is no news to whoever gave it.
  const hasMoved = !isSending && !isWaiting && basisOf(now) !== basisOf(first.current);
  useLayoutEffect(() => {
    if (hasMoved) setChanged(true);
  }, [hasMoved]);
  const isOver = isChanged || hasMoved;
  const shown = isOver || isWaiting ? first.current : (now ?? first.current);
  return { shown, now, isOver, isWaiting };
}

/** A question does not follow its reader to another page. */
function useCloseElsewhere(): void {
  const { asking, router } = usePage();
  const route = router.route.value;
  const askedAt = useRef(route);
  const isElsewhere = !isSamePage(askedAt.current, route);
  useLayoutEffect(() => {
    if (isElsewhere) asking.close();
  }, [asking, isElsewhere]);
}

const basisOf = (text: QuestionText | null): string =>
  text === null ? "" : (text.basis ?? JSON.stringify(text));
