/** The deliveries of the workflow that is shown: asked for once, and again at each event that webhooks may be told of. */
import { useLayoutEffect, useMemo } from "preact/hooks";
import { deliveriesOf, type View, type WorkflowState } from "../../../index.js";
import { isInStep } from "../../page/inStep.js";
import { usePage } from "../../page/page.js";
import { AskedDeliveries } from "./askedDeliveries.js";

export function useDeliveries(view: View, state: WorkflowState, isRead: boolean): AskedDeliveries {
  const { client, connection, serverNow } = usePage();
  const { workflow_id, status, block_info } = state;
  const epoch = view.position?.epoch;
  const asked = useMemo(
    () =>
      new AskedDeliveries({
        clock: client.clock,
        serverNow: () => serverNow.peek(),
        async ask(signal) {
          const answer = await deliveriesOf(client.rest, workflow_id, { signal });
          return answer.epoch === epoch ? answer.deliveries : null;
        },
      }),
    [client, serverNow, workflow_id, epoch],
  );
  const { can } = connection.value;
  // Watchers are shown none. Where no socket ever opened, the server itself will say so.
  const mayAsk = isInStep(connection.value) && (can.length === 0 || can.includes("drive"));
  // A workflow that goes on is nothing that webhooks are told of.
  const event = status === "running" ? null : `${status} ${block_info?.id ?? ""}`;
  useLayoutEffect(() => () => asked.stop(), [asked]);
  useLayoutEffect(() => {
    if (event !== null) void asked.askAgain();
  }, [asked, event]);
  useLayoutEffect(() => asked.read(isRead), [asked, isRead]);
  useLayoutEffect(() => asked.allow(mayAsk), [asked, mayAsk]);
  return asked;
}
