/** How a delivery of a webhook is told: what became of it, of what it tells, and how often it was tried. Pure. */
import { type DeliveryView, receiverName } from "../../../index.js";
import { formatClock, formatStart, parseTime, startOfDay } from "../../look/time.js";

interface DeliveryWords {
  /** The status whose look it has. */
  readonly look: string;
  /** The state, as a sentence without its point. */
  readonly state: string;
  /** The webhook and, where that is not its name, its host. */
  readonly to: string;
  readonly about: string;
  /** Tries and the last answer. */
  readonly more: string;
}

const ABOUT: Readonly<Record<string, string>> = {
  ended: "that it ended",
  blocked: "that it asks somebody",
  interrupted: "that it was interrupted",
};

/** `all` of its workflow, oldest first, as they were at `asOf` (server time, ms). */
export function deliveryWords(
  delivery: DeliveryView,
  all: readonly DeliveryView[],
  asOf: number,
): DeliveryWords {
  const { event } = delivery;
  return {
    ...(isHeld(delivery, all)
      ? { look: "pending", state: "Waiting for the one before it" }
      : stateOf(delivery, asOf)),
    to: receiverName(delivery),
    about: ABOUT[event] ?? event,
    more: `${triesOf(delivery)}${lastOf(delivery)}`,
  };
}

/** Whether its turn has not come: one webhook is told in order. */
export const isHeld = (delivery: DeliveryView, all: readonly DeliveryView[]): boolean =>
  delivery.status === "waiting" &&
  all.find((one) => one.status === "waiting" && isSameWebhook(one, delivery))?.id !== delivery.id;

/** A definition's may have the name of one of the server's. */
const isSameWebhook = (one: DeliveryView, other: DeliveryView): boolean =>
  one.webhook === other.webhook && one.host === other.host;

/** `12:03:04`, and with its day where that is another one than today. */
export const whenText = (at: number, now: number): string =>
  startOfDay(at) === startOfDay(now) ? formatClock(at) : formatStart(at, now);

function stateOf(delivery: DeliveryView, asOf: number): Pick<DeliveryWords, "look" | "state"> {
  const { status, tries, next_try_at, last_try_at } = delivery;
  switch (status) {
    case "delivered": {
      const at = parseTime(last_try_at);
      return {
        look: "completed",
        state: at === null ? "Delivered" : `Delivered at ${whenText(at, asOf)}`,
      };
    }
    case "waiting": {
      const next = parseTime(next_try_at);
      const look = tries === 0 ? "pending" : "retrying";
      if (next === null || next <= asOf) return { look, state: "About to be sent" };
      return { look, state: `Waiting for the next try at ${whenText(next, asOf)}` };
    }
    case "failed":
      return { look: "failed", state: "Given up" };
    case "dropped":
      return { look: "failed", state: "Dropped, as too many waited" };
    default:
      // That of a newer server.
      return { look: "pending", state: status };
  }
}

function triesOf({ tries }: DeliveryView): string {
  if (tries === 0) return "not tried yet";
  return tries === 1 ? "1 try" : `${tries} tries`;
}

function lastOf({ tries, code, error, answer }: DeliveryView): string {
  if (tries === 0) return "";
  const how = error ?? (code === null ? "" : `answered ${code}`);
  const said = answer ? `“${answer}”` : "";
  const last = [how, said].filter((part) => part !== "").join(": ");
  return last === "" ? "" : `, last: ${last}`;
}
