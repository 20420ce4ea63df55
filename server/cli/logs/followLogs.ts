/** Follows the output of a workflow's steps one after the other, the branches of a step at once, until the workflow ends. */
import type { InstepClient, LogPlace, Step, View, WorkflowState } from "../../../client/index.js";
import {
  branchesOf,
  indexOfPlace,
  placeOfIndex,
  stepAtIndex,
} from "../../../shared/state/stepPlace.js";
import { isEnded } from "../../../shared/statuses.js";
import { stepName } from "../display/stepLine.js";
import { awayNotes } from "./awayNotes.js";
import { hasBegun } from "./begun.js";
import { branchPrefix } from "./branchPrefix.js";
import { type FollowedOne, followOne } from "./followOne.js";
import type { LogPrinter } from "./printers/printer.js";
import { createWholeLines } from "./wholeLines.js";

export interface FollowedSteps {
  readonly workflow_id: string;
  /** A workflow of another epoch that comes to have this id is another one, and is not followed. */
  readonly epoch: string;
  /** Only this one; all of them where missing. */
  readonly step?: number | undefined;
  readonly attempt?: number | undefined;
  /** Where to begin: in a step, or in some of its branches, for what was printed already or is not wanted. */
  readonly starts?: ReadonlyMap<number, LogPlace>;
}

/** How it came to an end. */
export type FollowEnd = "over" | "cleared";

export interface Following {
  readonly ended: Promise<FollowEnd>;
  stop(): void;
}

/** `say` hears what stands beside the output: that a node which keeps some of it is away. */
export function followLogs(
  { workflow_id, epoch, step: only, attempt, starts = new Map() }: FollowedSteps,
  client: InstepClient,
  printer: LogPrinter,
  say: (sentence: string) => void,
): Following {
  const [firstStart] = starts.keys();
  let current = firstStart === undefined ? 0 : placeOfIndex(firstStart).step;
  let state: WorkflowState | null = null;
  let hasEnded = false;
  /** The outputs that are followed now: that of the current step, or those of its branches. */
  const followed = new Map<number, FollowedOne>();
  const notes = awayNotes(say);
  let stopWatching = () => {};
  let settle: (end: FollowEnd) => void = () => {};
  const ended = new Promise<FollowEnd>((resolve) => {
    settle = resolve;
  });
  const lines = createWholeLines((index, piece) =>
    printer.piece(index, piece, state ? branchPrefix(state, index) : ""),
  );

  const stop = () => {
    hasEnded = true;
    for (const one of followed.values()) one.stop();
    stopWatching();
    lines.endAll();
  };
  const end = (how: FollowEnd) => {
    stop();
    settle(how);
  };

  const begin = (index: number) => {
    if (only === undefined && followed.size === 0 && starts.size === 0)
      printer.heading(`── ${stepName(stepAtIndex(state!, current)!)} ──`);
    const isAmongOthers = only === undefined && placeOfIndex(index).branch !== null;
    const one = { workflow_id, epoch, index, attempt, place: starts.get(index) };
    followed.set(
      index,
      followOne(one, client, printer, {
        piece: (piece) => {
          notes.came(index);
          (isAmongOthers ? lines : printer).piece(index, piece);
        },
        away: (away) => notes.away(index, away),
        over: () => {
          notes.came(index);
          lines.end(index);
          goOn();
        },
        cleared: () => end("cleared"),
      }),
    );
  };

  const goOn = () => {
    while (state && !hasEnded) {
      const wanted = only === undefined ? stepsAt(state, current) : [only];
      const steps = wanted.flatMap((index) => {
        const step = stepAtIndex(state!, index);
        return step ? [[index, step] as const] : [];
      });
      if (steps.length === 0) return isEnded(state.status) ? end("over") : undefined;
      for (const [index, step] of steps) {
        const one = followed.get(index);
        if (!one && hasBegun(step)) begin(index);
        // Its place on the socket is for another branch.
        else if (only === undefined && one?.isOver && isDoneBranch(index, step)) one.stop();
      }
      const isLeft = (index: number, step: Step) =>
        mayLeave(state!, index, step, followed.get(index), only !== undefined);
      if (!steps.every(([index, step]) => isLeft(index, step))) return;
      for (const one of followed.values()) one.stop();
      followed.clear();
      starts = new Map();
      if (only !== undefined) return end("over");
      current += 1;
    }
  };

  stopWatching = client.watch(workflow_id, (view: View) => {
    if (view.position && view.position.epoch !== epoch) return end("cleared");
    state = view.state ?? state;
    // Expired is no end: what it printed is still there.
    if (view.closed === "cleared" || view.closed === "unknown") return end("cleared");
    goOn();
  });
  return { ended, stop };
}

/** The indexes of all that prints in that step: itself, or its branches. */
function stepsAt({ steps }: WorkflowState, step: number): number[] {
  const branches = branchesOf(steps[step]);
  if (branches.length === 0) return [step];
  return branches.map((_, branch) => indexOfPlace({ step, branch }));
}

/** A step that is over may begin again, so it is left only once another has begun, or nothing more can. */
function mayLeave(
  state: WorkflowState,
  index: number,
  step: Step,
  followed: FollowedOne | undefined,
  isOnly: boolean,
): boolean {
  if (followed && !followed.isOver) return false;
  if (isEnded(state.status)) return true;
  const place = placeOfIndex(index);
  if (isOnly) return followed !== undefined && isFinished(step);
  if (!followed && step.status === "skipped") return true;
  if (place.branch !== null)
    return followed ? isFinished(step) : isFinished(state.steps[place.step]!);
  return followed !== undefined && state.steps.slice(place.step + 1).some(hasBegun);
}

const isFinished = ({ status }: Step): boolean =>
  status === "completed" || status === "failed" || status === "cancelled";

const isDoneBranch = (index: number, step: Step): boolean =>
  placeOfIndex(index).branch !== null && isFinished(step);
