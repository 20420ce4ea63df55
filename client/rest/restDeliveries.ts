/** The calls about what webhooks were told. Functions beside `rest`, so that only who calls them loads them. */
import type {
  DeliveriesAnswer,
  DeliveryRetriedAnswer,
  DeliveryView,
} from "../../shared/wire/deliveries.js";
import type { ReadOptions, RestClient } from "./rest.js";

type Asks = Pick<RestClient, "ask">;

const DELIVERIES = "workflow/state/deliveries";

/** All deliveries of a workflow, oldest first, with the epoch that they are of. Rejects as `rest` does: also with `forbidden` for who may only watch. */
export const deliveriesOf = (
  { ask }: Asks,
  workflow_id: string,
  options?: ReadOptions,
): Promise<DeliveriesAnswer> =>
  ask({ method: "GET", path: DELIVERIES, query: { workflow_id }, ...options }, (answer) => {
    const { epoch, deliveries } = answer;
    const isWhole =
      typeof epoch === "string" && Array.isArray(deliveries) && deliveries.every(isDelivery);
    return isWhole ? (answer as unknown as DeliveriesAnswer) : null;
  });

/** Sends one again, whatever became of it. Rejects as `rest` does: also with `not_found` where there is none under this id. */
export const sendAgain = (
  { ask }: Asks,
  workflow_id: string,
  id: string,
  options?: ReadOptions,
): Promise<DeliveryView> => {
  const path = `${DELIVERIES}/${encodeURIComponent(id)}/retry`;
  return ask({ method: "POST", path, query: { workflow_id }, ...options }, (answer) => {
    const { delivery } = answer as Partial<DeliveryRetriedAnswer>;
    return isDelivery(delivery) ? delivery : null;
  });
};

/** As far as somebody who shows it relies on it. */
function isDelivery(value: unknown): value is DeliveryView {
  const { id, webhook, event, status, tries } = (value ?? {}) as Partial<DeliveryView>;
  return (
    [id, webhook, event, status].every((one) => typeof one === "string") &&
    Number.isSafeInteger(tries)
  );
}
