/** The list of what webhooks were told of a workflow, as of when, and one more try by hand. */
import { useState } from "preact/hooks";
import type { DeliveryView, WorkflowState } from "../../../index.js";
import { CommandButton } from "../../commands/commandButton.js";
import { Glyph } from "../../look/glyph.js";
import { lookOf } from "../../look/status.js";
import { parseTime } from "../../look/time.js";
import { commandObstacle } from "../../page/inStep.js";
import { usePage } from "../../page/page.js";
import type { AskedDeliveries } from "./askedDeliveries.js";
import { deliveryWords, whenText } from "./deliveryWords.js";
import { againQuestion } from "./sendingAgain.js";

interface DeliveriesProps {
  readonly state: WorkflowState;
  readonly asked: AskedDeliveries;
}

export function Deliveries({ state, asked }: DeliveriesProps) {
  const { deliveries, asOf, trouble } = asked.told.value;
  return (
    <div class="deliveries" data-testid="deliveries">
      <div class="deliveries-head">
        <p>What webhooks are told of this workflow. Tries go on after its end.</p>
        <AsOfThen asked={asked} />
      </div>
      {trouble !== null && (
        <p class="deliveries-trouble" role="status" data-testid="deliveries-trouble">
          {trouble}
        </p>
      )}
      <ul>
        {deliveries?.map((delivery) => (
          <Delivery key={delivery.id} {...{ state, asked, delivery, deliveries, asOf }} />
        ))}
      </ul>
    </div>
  );
}

/** When the server was asked: it tells nobody of a try by itself. */
function AsOfThen({ asked }: { asked: AskedDeliveries }) {
  const { announcer, connection, serverNow } = usePage();
  const { deliveries, asOf } = asked.told.value;
  const [isAsking, setAsking] = useState(false);
  const obstacle = commandObstacle(connection.value);
  async function askAgain() {
    if (isAsking) return;
    setAsking(true);
    await asked.askAgain();
    setAsking(false);
    const { trouble, deliveries: now, asOf: then } = asked.told.peek();
    const waiting = now?.filter(({ status }) => status === "waiting").length ?? 0;
    announcer.say(
      trouble ??
        `As of ${whenText(then, then)}: ${now?.length ?? 0} deliveries, ${waiting} waiting.`,
    );
  }
  return (
    <p class="deliveries-asked">
      <span data-testid="deliveries-as-of">
        {deliveries === null
          ? "The server is being asked…"
          : `as of ${whenText(asOf, serverNow.peek())}`}
      </span>
      <button
        type="button"
        class="button is-small"
        data-testid="ask-again"
        disabled={obstacle !== null}
        title={obstacle ?? undefined}
        onClick={() => void askAgain()}
      >
        {isAsking ? "Asking…" : "Ask again"}
      </button>
    </p>
  );
}

interface DeliveryProps extends DeliveriesProps {
  readonly delivery: DeliveryView;
  readonly deliveries: readonly DeliveryView[];
  readonly asOf: number;
}

function Delivery({ state, asked, delivery, deliveries, asOf }: DeliveryProps) {
  const page = usePage();
  const words = deliveryWords(delivery, deliveries, asOf);
  const { look, state: became, to, about, more } = words;
  const made = parseTime(delivery.created_at) ?? 0;
  return (
    <li class="delivery" data-testid="delivery" data-status={delivery.status}>
      <Glyph status={look} />
      <div class="delivery-body">
        <p class={`delivery-state tone-${lookOf(look).tone}`}>{became}</p>
        <p>
          <b>{to}</b>, {about} at{" "}
          <time dateTime={delivery.created_at} title={new Date(made).toString()}>
            {whenText(made, asOf)}
          </time>
        </p>
        <p class="delivery-more">{more}</p>
      </div>
      <CommandButton
        kind="quiet"
        testid="send-again"
        obstacle={commandObstacle(page.connection.value)}
        question={againQuestion(page, { state, asked, id: delivery.id })}
      >
        Send again
        <span class="sr-only">
          {" "}
          to {to}, {about}
        </span>
        …
      </CommandButton>
    </li>
  );
}
