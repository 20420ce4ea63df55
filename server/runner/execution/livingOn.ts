/** Processes that the steps of a run left and that still run when the workflow is cancelled: noted at the step that left them. */
import { stepAtIndex } from "../../../shared/state/stepPlace.js";
import { allProcesses, isRunning, valueIn } from "../../machine/processes.js";
import { listed } from "../process/endingTeller.js";
import { describeAll } from "../process/processGroup.js";
import type { Reporter } from "../report/reporter.js";
import { RUN_VARIABLE } from "../step/runValues.js";
import { MOST_NOTES } from "../step/stepUpdates.js";

/** Resolves once it is durable. `except`: the step whose own processes are told of otherwise. */
export async function noteLivingOn(
  reporter: Reporter,
  runId: string,
  except: number | undefined,
): Promise<void> {
  for (const [index, names] of livingOf(runId)) {
    const step = stepAtIndex(reporter.state, index);
    if (!step || index === except) continue;
    const notes = [...(step.notes ?? []), `Still runs after the cancel: ${listed(names)}.`].slice(
      -MOST_NOTES,
    );
    await reporter.step(index, { notes });
  }
}

function livingOf(runId: string): ReadonlyMap<number, readonly string[]> {
  const found = new Map<number, readonly string[]>();
  for (const one of (allProcesses() ?? []).filter(isRunning)) {
    const value = valueIn(one.pid, RUN_VARIABLE);
    if (!value?.startsWith(`${runId}.`)) continue;
    const index = Number(value.slice(runId.length + 1).split(".")[0]);
    found.set(index, [...(found.get(index) ?? []), ...describeAll([one])]);
  }
  return found;
}
