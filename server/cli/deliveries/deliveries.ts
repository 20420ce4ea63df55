/** `instep deliveries`: what webhooks were told of a workflow, and one more try by hand. */
import { deliveriesOf, sendAgain } from "../../../client/rest/restDeliveries.js";
import { printable } from "../../../shared/text/printable.js";
import { type DeliveryView, receiverName } from "../../../shared/wire/deliveries.js";
import { connect, type ServerFlags } from "../connecting/connect.js";
import { targetOf } from "../connecting/target.js";
import type { CliContext } from "../process/context.js";
import { ExitCode } from "../process/exitCodes.js";
import { asking } from "../refusals/asking.js";
import { meantWorkflow } from "../refusals/askingOf.js";
import { jsonLine } from "../text/jsonLine.js";

export interface DeliveriesFlags extends ServerFlags {
  readonly retry?: string;
  readonly json?: boolean;
}

/** Where a webhook's answer was long, its beginning says enough. */
const LONGEST = 80;

/** One line a delivery, oldest first, on stdout. With `retry` that one is sent again, whatever became of it. */
export async function deliveries(
  given: string,
  flags: DeliveriesFlags,
  context: CliContext,
): Promise<number> {
  const { url, subject } = targetOf(given, flags, context);
  const client = connect(url, flags, context);
  const { stdout } = context;
  try {
    const { state } = await asking(url, () => meantWorkflow({ subject, client }));
    const { workflow_id } = state;
    const { retry, json } = flags;
    if (retry !== undefined) {
      const again = await asking(url, () => sendAgain(client.rest, workflow_id, retry));
      stdout.write(json ? jsonLine({ ...again }) : `${lineOf(again)}\n`);
      return ExitCode.ok;
    }
    const { deliveries: all } = await asking(url, () => deliveriesOf(client.rest, workflow_id));
    if (json) for (const one of all) stdout.write(jsonLine({ ...one }));
    else if (all.length === 0) stdout.write("No webhook was told of it.\n");
    else for (const one of all) stdout.write(`${lineOf(one)}\n`);
    return ExitCode.ok;
  } finally {
    client.close();
  }
}

function lineOf({ id, event, webhook, host, ...rest }: DeliveryView): string {
  const to = receiverName({ webhook, host });
  return `${id}  ${event}  ${printable(to, LONGEST)}  ${becameOf(rest)}`;
}

/** The newest try first: what a reader has to act on. */
function becameOf(delivery: Omit<DeliveryView, "id" | "event" | "webhook" | "host">): string {
  const { status, tries, next_try_at, last_try_at, code, error } = delivery;
  const why = error === null ? "" : `: ${printable(error, LONGEST)}`;
  const times = `${tries} ${tries === 1 ? "try" : "tries"}`;
  if (status === "delivered") return `delivered at ${last_try_at}, ${code}, ${times}`;
  if (status === "waiting")
    return tries === 0
      ? `waiting, next try ${next_try_at}`
      : `waiting after ${times}${why}, next try ${next_try_at}`;
  return status === "failed" ? `given up after ${times}${why}` : "dropped: too many waited";
}
