/** Decides after a restart whether a workflow goes on as if nothing had happened: only where it is known of each step at work what became of it. */
import type { WorkflowState } from "../../shared/schema/workflow.js";
import { branchesOf, indexOfPlace, stepAtIndex } from "../../shared/state/stepPlace.js";
import type { LiveRecord } from "../state/store/record.js";
import { definedAt } from "./definition/definedSteps.js";
import type { WorkflowDefinition } from "./definition/definition.js";
import type { KeeperFolder } from "./keeper/keeperFolder.js";
import { isOver, type Keepers, type Standing, type TakenUp } from "./kept/keepers.js";
import { isEndOfServer } from "./process/heldEnd.js";
import { RUN_VARIABLE } from "./step/runValues.js";

/** A command that an earlier server left. */
export interface LeftCommand {
  readonly folder: KeeperFolder;
  readonly standing: Standing;
}

/** Looks at all of them at once. */
export function lookAtLeft(
  folders: readonly KeeperFolder[],
  keepers: Pick<Keepers, "standing">,
): Promise<readonly LeftCommand[]> {
  return Promise.all(
    folders.map(async (folder) => ({ folder, standing: await keepers.standing(folder) })),
  );
}

/** Those that belong to an attempt that is not over by this record. */
export const commandsOf = (
  record: LiveRecord,
  left: readonly LeftCommand[],
): readonly LeftCommand[] =>
  left.filter(
    ({ folder: { job } }) => job.workflow_id === record.workflow_id && !isOver(job, record),
  );

/**
 * The commands that the workflow goes on with, in our hands; null where it has to be interrupted. `left` are its own. Between two steps, and before an
 * attempt is tried again, nothing is at work: nothing can have been done by halves.
 */
export async function takeUpAll(
  { state }: LiveRecord,
  definition: WorkflowDefinition,
  left: readonly LeftCommand[],
  keepers: Pick<Keepers, "takeUp" | "discard" | "seenUntil">,
): Promise<readonly TakenUp[] | null> {
  const found: LeftCommand[] = [];
  for (const index of underWay(state, definition)) {
    const step = stepAtIndex(state, index)!;
    const own = left.find(
      ({ folder: { job } }) => job.index === index && job.attempt === step.attempt,
    );
    const waits = step.retry_at != null;
    const isGone = !own || own.standing === "lost" || own.standing === "cut off";
    if (!waits && (isGone || (await endedWithServer(own, keepers)))) return null;
    if (own) found.push(waits ? { ...own, standing: "never began" } : own);
  }
  const seenUntil = keepers.seenUntil ?? Date.parse(state.last_update);
  return found.map(({ folder, standing }): TakenUp => {
    if (standing === "never began") keepers.discard(folder);
    const keeper = standing === "never began" ? null : keepers.takeUp(folder);
    return { folder, standing, seenUntil, keeper };
  });
}

/** In the environment of all that the attempts at work have started. */
export function marksOf({ state, run }: LiveRecord): readonly string[] {
  const marks = state.steps.flatMap((step, index) => {
    const branches = branchesOf(step).map((one, branch) => {
      return { one, place: indexOfPlace({ step: index, branch }) };
    });
    return [{ one: step, place: index }, ...branches];
  });
  return marks
    .filter(({ one }) => one.status === "in_progress" && one.retry_at == null)
    .map(({ one, place }) => `${RUN_VARIABLE}=${run}.${place}.${one.attempt}`);
}

/** The indexes of the steps at work, and of the branches at work of those that have some. */
function underWay({ steps }: WorkflowState, definition: WorkflowDefinition): readonly number[] {
  return steps.flatMap((step, index) => {
    if (step.status !== "in_progress") return [];
    if (!definedAt(definition, index).parallel) return [index];
    return branchesOf(step).flatMap(({ status }, branch) =>
      status === "in_progress" ? [indexOfPlace({ step: index, branch })] : [],
    );
  });
}

/** Whether a service manager, or the machine, ended the command together with the server that left it. */
async function endedWithServer(
  { folder, standing }: LeftCommand,
  keepers: Pick<Keepers, "takeUp">,
): Promise<boolean> {
  const left = folder.record()?.left ?? null;
  if (standing !== "ended" || left === null) return false;
  const end = await keepers.takeUp(folder).ended;
  return end.kind === "ended" && isEndOfServer(end, end.at, left);
}
