/** What runs on this machine, as tests ask for it. */
import { readFileSync } from "node:fs";
import {
  allProcesses,
  hasVariable,
  isRunning,
  valueIn,
} from "../../../server/machine/processes.js";
import { ASIDE } from "../../../server/runner/keeper/local/script.js";
import { until } from "../deadline.js";

/** The processes that the commands of a workflow of the server's own started, wherever they went. Their keepers are none of these. */
export const processesOf = (workflow_id: string): readonly number[] =>
  (allProcesses() ?? [])
    .filter(isRunning)
    .map(({ pid }) => pid)
    .filter((pid) => hasVariable(pid, `INSTEP_WORKFLOW_ID=${workflow_id}`))
    .filter((pid) => valueIn(pid, `${ASIDE}INSTEP_RUN`) === null);

export const untilNoneOf = (workflow_id: string): Promise<true> =>
  until(
    () => processesOf(workflow_id).length === 0,
    () => `no process of ${workflow_id} runs: ${processesOf(workflow_id).join(", ")}`,
  );

export const untilSomeOf = (workflow_id: string, count: number): Promise<true> =>
  until(
    () => processesOf(workflow_id).length >= count,
    () => `${count} processes of ${workflow_id} run`,
  );

/** Resolves once one of them is that program: a process that was only just begun still has the name of what began it. */
export const untilOneIs = (workflow_id: string, program: string): Promise<true> =>
  until(
    () => processesOf(workflow_id).some((pid) => commandLineOf(pid).startsWith(`${program}\0`)),
    () => `one process of ${workflow_id} is ${program}`,
  );

/** The number of the process that it is a child of; 0 where it has ended. */
export function parentOf(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)!.split(" ")[1]);
  } catch {
    return 0;
  }
}

/** Ends every process that was started with `NAME=value`, and what it started. */
export function endAllWith(variable: string): void {
  for (const { pid } of (allProcesses() ?? []).filter(isRunning)) {
    if (!hasVariable(pid, variable)) continue;
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It went with another one.
    }
  }
}

/** Its words with a NUL behind each; nothing once it is gone. */
export function commandLineOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "latin1");
  } catch {
    return "";
  }
}
