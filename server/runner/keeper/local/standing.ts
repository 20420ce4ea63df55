/** Judges by its folder how it stands with a command: by the papers in it, and by the processes that run now. Nothing is guessed: whatever cannot be read just now throws. */
import { statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Clock } from "../../../../shared/clock.js";
import { bootIdOrNull, machineUp, pidNamespace } from "../../../machine/processes.js";
import {
  type End,
  endOf,
  isRunUnwritten,
  PAPERS,
  placeOf,
  type Run,
  runOf,
  textOf,
} from "./papers.js";
import { isThere, keeperProcesses } from "./whoIsThere.js";

export type Standing =
  /** Nobody has claimed it. */
  | { readonly is: "unclaimed" }
  /** Somebody is about to begin it. */
  | { readonly is: "beginning" }
  /** `isKept`: its keeper waits for its end. */
  | { readonly is: "at work"; readonly run: Run; readonly isKept: boolean }
  /** The command is gone, and its keeper has not yet told how. */
  | { readonly is: "ending"; readonly run: Run }
  | { readonly is: "ended"; readonly run: Run; readonly end: End }
  /** Its guard has ended it, or has not let it begin. */
  | { readonly is: "cut off"; readonly run: Run | null; readonly end: End }
  | { readonly is: "never began"; readonly why: string; readonly status: number | null }
  | { readonly is: "lost"; readonly run: Run | null; readonly why: string };

/** In the claim of a server: no keeper will ever begin it. */
const FORBIDDEN = "not to begin\n";

const NOT_STARTED = "its keeper was never started";
const NEVER_BEGAN = "its keeper was ended before it began";
const REMOVED = "its folder was removed";
const NEW_BOOT = "its machine was started anew";
const UNREADABLE = "what its keeper wrote of its beginning cannot be read";
const ELSEWHERE = "it ran where its processes cannot be seen from here";
const KILLED = "its keeper was killed; how it ended is not known";

/** `run` is known already where the folder may be gone by now. */
export function standing(folder: string, known: Run | null = null): Standing {
  const place = placeOf(folder);
  const run = runOf(folder) ?? known;
  const end = endOf(folder);
  // Its keeper says so as well where it cannot read what was written.
  if (end !== null && end.how === "never" && isRunUnwritten(folder)) {
    return { is: "never began", why: NEVER_BEGAN, status: end.status };
  }
  if (end !== null && end.how === "cut") return { is: "cut off", run, end };
  if (run !== null && end !== null && isTold(end)) return { is: "ended", run, end };
  if (run === null && isForbidden(folder))
    return { is: "never began", why: NOT_STARTED, status: null };
  const lost = (why: string): Standing => ({ is: "lost", run, why });
  if (!isThereFile(folder)) {
    // The whole of the data may be out of reach for a while, as where its disk is not mounted.
    if (!isThereFile(dirname(dirname(folder)))) throw new Error(`${folder} is out of reach`);
    return lost(REMOVED);
  }
  if (place === null) {
    const isUntouched = run === null && !isClaimed(folder) && isOfThisBoot(folder);
    return isUntouched ? { is: "unclaimed" } : lost("what its keeper wrote is gone");
  }
  // Nothing in the folder is forced to the disk: a power cut may have taken any of it.
  if (place.boot !== bootIdOrNull() || (run !== null && run.boot !== place.boot)) {
    return lost(NEW_BOOT);
  }
  if (place.namespace !== pidNamespace()) return lost(ELSEWHERE);
  if (run !== null) {
    const isKept = end === null && isThere(run.keeper);
    if (isThere(run.command, place.mark)) return { is: "at work", run, isKept };
    if (isKept) return { is: "ending", run };
    // It may have written this between two looks of ours.
    const last = endOf(folder);
    if (last?.how === "cut") return { is: "cut off", run, end: last };
    if (last === null || !isTold(last)) return lost(KILLED);
    return { is: "ended", run, end: last };
  }
  if (!isClaimed(folder)) return { is: "unclaimed" };
  if (keeperProcesses(folder).length > 0) return { is: "beginning" };
  if (runOf(folder) !== null) return standing(folder);
  // It may have run, and may still: only an untouched paper says that it did not.
  if (!isRunUnwritten(folder)) return lost(UNREADABLE);
  return { is: "never began", why: NEVER_BEGAN, status: null };
}

const isTold = ({ how }: End): boolean => how === "code" || how === "signal";

/** Makes sure that no keeper begins it from now on. False where one has claimed it. */
export function claim(folder: string): boolean {
  try {
    writeFileSync(join(folder, PAPERS.begun), FORBIDDEN, { flag: "wx", mode: 0o600 });
    return true;
  } catch {
    return false;
  }
}

const isClaimed = (folder: string): boolean => isThereFile(join(folder, PAPERS.begun));

const isForbidden = (folder: string): boolean => textOf(join(folder, PAPERS.begun)) === FORBIDDEN;

const isThereFile = (file: string): boolean =>
  statSync(file, { throwIfNoEntry: false }) !== undefined;

/** By when its folder was changed last. */
function isOfThisBoot(folder: string): boolean {
  const up = machineUp();
  const changed = statSync(folder, { throwIfNoEntry: false })?.ctimeMs;
  return up !== null && changed !== undefined && Date.now() - changed < up * 1_000;
}

const DECIDED_WITHIN_MS = 2_000;
const LOOK_MS = 50;

/**
 * How it stands with a command that an earlier server has left. What is only about to begin, or to end, is waited for; nobody begins it from
 * now on where nobody has yet.
 */
export async function standingOf(
  folder: string,
  clock: Clock,
): Promise<"never began" | "at work" | "ended" | "cut off" | "lost"> {
  const begun = clock.elapsed();
  for (;;) {
    const { is } = standing(folder);
    if (is === "unclaimed" && claim(folder)) return "never began";
    const isDecided = is !== "unclaimed" && is !== "beginning" && is !== "ending";
    if (isDecided) return is;
    // A process of it is there: it will begin, or tell how it ended.
    if (is !== "unclaimed" && clock.elapsed() - begun >= DECIDED_WITHIN_MS) return "at work";
    await new Promise<void>((resolve) => clock.after(LOOK_MS, resolve));
  }
}
