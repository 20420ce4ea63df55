/** What runs on this machine, as tests ask for it. */
import { allProcesses, hasVariable, isRunning } from "../../../server/machine/processes.js";
import { until } from "../deadline.js";

/** The processes of a workflow of the server's own, wherever they went. */
export const processesOf = (workflowId: string): readonly number[] =>
  (allProcesses() ?? [])
    .filter(isRunning)
    .map(({ pid }) => pid)
    .filter((pid) => hasVariable(pid, `INSTEP_WORKFLOW_ID=${workflowId}`));

export const untilNoneOf = (workflowId: string): Promise<true> =>
  until(
    () => processesOf(workflowId).length === 0,
    () => `no process of ${workflowId} runs: ${processesOf(workflowId).join(", ")}`,
  );

export const untilSomeOf = (workflowId: string, count: number): Promise<true> =>
  until(
    () => processesOf(workflowId).length >= count,
    () => `${count} processes of ${workflowId} run`,
  );
