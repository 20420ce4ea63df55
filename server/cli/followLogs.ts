/** Follows the output of a workflow's steps and their branches, one after the other, until the workflow ends. */
import type { InstepClient, LogPlace, Step, View, WorkflowState } from "../../client/index.js";
import { isEnded } from "../../shared/statuses.js";
import { branchesOf, eachStep, placeOfIndex, stepAtIndex } from "../../shared/stepPlace.js";
import type { LogPrinter } from "./logPrinter.js";
import { stepName } from "./stepLine.js";

export interface FollowedSteps {
  readonly workflow_id: string;
  /** What comes to have its id later is another workflow. */
  readonly epoch: string;
  /** Only this one; all of them where missing. */
  readonly step?: number | undefined;
  readonly attempt?: number | undefined;
  /** Where to begin in the first step, for what was printed already. */
  readonly start?: LogPlace & { readonly step: number };
}

/** How it came to an end. */
export type FollowEnd = "over" | "cleared";

export interface Following {
  readonly ended: Promise<FollowEnd>;
  stop(): void;
}

export function followLogs(
  { workflow_id, epoch, step: only, attempt, start }: FollowedSteps,
  client: InstepClient,
  printer: LogPrinter,
): Following {
  let index = only ?? start?.step ?? 0;
  let state: WorkflowState | null = null;
  let isOver = false;
  let stopFollowing: (() => void) | null = null;
  let stopWatching = () => {};
  let settle: (end: FollowEnd) => void = () => {};
  const ended = new Promise<FollowEnd>((resolve) => {
    settle = resolve;
  });

  const stop = () => {
    stopFollowing?.();
    stopWatching();
  };
  const end = (how: FollowEnd) => {
    stop();
    settle(how);
  };

  const begin = (step: Step) => {
    if (start?.step === index) return follow(start);
    if (only === undefined) printer.heading(`── ${stepName(step)} ──`);
    follow(null);
  };

  const follow = (place: LogPlace | null) => {
    isOver = false;
    const behind = place && (attempt === undefined ? { after: place } : { from: place.next });
    stopFollowing = client.followLog(
      workflow_id,
      index,
      { epoch, attempt, ...behind },
      {
        piece: (piece) => {
          isOver = false;
          printer.piece(index, piece);
          if (printer.isFull) pause(piece);
        },
        end: ({ reason }) => {
          if (reason === "cleared") return end("cleared");
          isOver = true;
          goOn();
        },
      },
    );
  };

  /** Whoever reads us is slower than what is printed: the rest waits on the server, not here. */
  const pause = ({ attempt, next }: LogPlace) => {
    let isWanted = true;
    stopFollowing?.();
    stopFollowing = () => {
      isWanted = false;
    };
    void printer.caughtUp().then(() => {
      if (isWanted) follow({ attempt, next });
    });
  };

  /** A step that is over may begin again, so it is left only once another has begun, or nothing more can. */
  const goOn = () => {
    if (!state) return;
    const isDone = isEnded(state.status);
    for (;;) {
      const step = stepAtIndex(state, index);
      if (stopFollowing) {
        if (!isOver || !mayLeave(state, index, only !== undefined)) return;
        stopFollowing();
        stopFollowing = null;
        if (only !== undefined) return end("over");
        index = indexAfter(state, index);
      } else if (!step) {
        return isDone ? end("over") : undefined;
      } else if (only === undefined && branchesOf(step).length > 0) {
        // Its branches print, and it ends behind them.
        index = indexAfter(state, index);
      } else if (hasBegun(step)) {
        begin(step);
      } else if (isDone || (only === undefined && step.status === "skipped")) {
        if (only !== undefined) return end("over");
        index = indexAfter(state, index);
      } else {
        return;
      }
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

export const hasBegun = ({ status, log_bytes = 0 }: Step): boolean =>
  log_bytes > 0 || (status !== "pending" && status !== "skipped");

/** It has begun, and prints by itself: of a parallel step its branches do. */
export const hasOutput = (step: Step): boolean =>
  hasBegun(step) && (branchesOf(step).length === 0 || (step.log_bytes ?? 0) > 0);

/** One that no step has, behind the last. */
function indexAfter(state: WorkflowState, index: number): number {
  const all = eachStep(state);
  const at = all.findIndex(([one]) => one === index);
  return all[at + 1]?.[0] ?? Math.max(state.steps.length, ...all.map(([one]) => one + 1));
}

function mayLeave(state: WorkflowState, index: number, isOnly: boolean): boolean {
  if (isEnded(state.status)) return true;
  const all = eachStep(state);
  const at = all.findIndex(([one]) => one === index);
  const isFinished = ["completed", "failed", "cancelled"].includes(all[at]?.[1].status ?? "");
  // Of branches that run at the same time each is read to its end.
  if (isOnly || placeOfIndex(index).branch !== null) return isFinished;
  return all.slice(at + 1).some(([, step]) => hasBegun(step));
}
