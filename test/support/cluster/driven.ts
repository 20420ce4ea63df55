/** Drivers from outside at a server of a cluster, and what the servers know of them. */
import type { WorkflowState } from "../../../shared/schema/workflow.js";
import { until } from "../deadline.js";
import { type Answered, RawTab } from "../links/rawTab.js";
import { call } from "../links/rest.js";
import { liveUrl } from "../model/insistentWriters.js";
import type { Address } from "./roaming.js";

export interface DrivenTab {
  /** A report on the first step, with the token that it was given. */
  say(update: object): Promise<Answered>;
  leave(): void;
}

/** Often enough for the shortest lease of these tests. */
const PING_MS = 300;

/** Begins the workflow where it is not there, and takes its lease. */
export async function drivenAt(
  { url }: Address,
  workflow_id: string,
  driver: string,
): Promise<DrivenTab> {
  const { tab } = await RawTab.open(liveUrl(url!));
  const { body } = await call(`${url}/workflow/state?workflow_id=${workflow_id}`, "GET");
  if (body.state === null)
    await tab.accepted({ kind: "save", state: { workflow_id, steps: [{ action: "build" }] } });
  const { token } = await tab.accepted({ kind: "claim", workflow_id, driver });
  const pinging = setInterval(() => tab.send({ type: "ping" }), PING_MS);
  const report = (update: object) => ({ kind: "step", workflow_id, index: 0, update });
  await tab.accepted(report({ status: "in_progress" }), { token });
  return {
    say: (update) => tab.ask(report(update), { token }),
    leave: () => {
      clearInterval(pinging);
      tab.drop();
    },
  };
}

/** Resolves with the state once this server says that this one drives it; null: nobody. */
export const untilDrivenBy = (
  { url }: Address,
  workflow_id: string,
  driver: string | null,
): Promise<WorkflowState> =>
  until(async () => {
    const { body } = await call(`${url}/workflow/state?workflow_id=${workflow_id}`, "GET");
    return (body.state?.driver?.name ?? null) === driver && body.state;
  }, `${url} says that ${driver} drives ${workflow_id}`);
