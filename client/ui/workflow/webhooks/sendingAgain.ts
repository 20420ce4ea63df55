/** One more try of a delivery by hand: what is asked first, and what a refusal means. */
import { SyncError, sendAgain, type WorkflowState } from "../../../index.js";
import type { Question } from "../../page/asking.js";
import type { Page } from "../../page/page.js";
import { stateIn } from "../choices/questions.js";
import type { AskedDeliveries } from "./askedDeliveries.js";
import { deliveryWords, isHeld } from "./deliveryWords.js";

interface Meant {
  readonly state: WorkflowState;
  readonly asked: AskedDeliveries;
  /** Of the delivery. */
  readonly id: string;
}

const DEADLINE_MS = 15_000;

export const againQuestion = ({ client }: Page, { state, asked, id }: Meant): Question => ({
  about: state.workflow_id,
  textOf(view) {
    const { deliveries, asOf } = asked.told.peek();
    const delivery = deliveries?.find((one) => one.id === id);
    if (!deliveries || !delivery || !view || stateIn(view) === null) return null;
    const { to, about } = deliveryWords(delivery, deliveries, asOf);
    const when = isHeld(delivery, deliveries) ? "behind the one before it" : "now";
    return {
      title: `Tell ${to} again?`,
      text: `It is told once more ${about}, ${when}, with the same id and content. A receiver that took it before, and does not look at the id, acts on it twice.`,
      yes: "Send it again",
      no: "Leave it",
      basis: `${view.position?.epoch}`,
    };
  },
  async run() {
    try {
      const deadlineMs = DEADLINE_MS;
      asked.put(await sendAgain(client.rest, state.workflow_id, id, { deadlineMs }));
    } catch (error) {
      if (error instanceof SyncError) return `Refused: ${error.message}.`;
      return "No answer came. Look whether it was sent before you try again.";
    }
    void asked.askAgain();
    return null;
  },
});
