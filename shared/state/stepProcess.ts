/** Where the command of a step runs, and for how long nobody watched it: kept in its `data.process`. Whoever drives may report one, so that nothing in it is taken on trust. Pure. */
import { givenProcess, type LinkLost, lostOf, timeOf, valuesIn } from "./linkLost.js";

/** All times are in UTC. */
export interface StepProcess {
  /** Its machine's name. */
  readonly machine: string;
  readonly pid: number;
  /** When it began. */
  readonly since: string;
  /** The way to it, where it runs on another machine. */
  readonly over?: "ssh";
  /** The times in which nobody watched it and it went on all the same; the newest of them, oldest first. */
  readonly taken_up?: readonly Absence[];
  /** All of that time together, in ms. */
  readonly unwatched_ms?: number;
  /** Only while nobody reaches its machine. */
  readonly link_lost?: LinkLost;
}

export interface Absence {
  readonly from: string;
  readonly to: string;
  /** The server was away, or the link to the command's machine. */
  readonly gone: "server" | "link";
}

/** Null where there is none, or what stands there is something else. */
export function processOf(data: unknown): StepProcess | null {
  const given = givenProcess(data);
  if (!given) return null;
  const { machine, pid, since } = given;
  const absences = Array.isArray(given.taken_up)
    ? given.taken_up.slice(-MOST_ABSENCES).flatMap(absenceOf)
    : [];
  const unwatched = given.unwatched_ms;
  const lost = lostOf(given.link_lost);
  return {
    ...{ machine, pid, since },
    ...(given.over === "ssh" && { over: "ssh" }),
    ...(absences.length > 0 && { taken_up: absences }),
    ...(typeof unwatched === "number" && unwatched > 0 && { unwatched_ms: unwatched }),
    ...(lost && { link_lost: lost }),
  };
}

const MOST_ABSENCES = 20;

/** The process, taken up again after an absence. Time in which both the server and the link were away counts once. */
export function takenUp(process: StepProcess, absence: Absence): StepProcess {
  const { taken_up = [], unwatched_ms = 0 } = process;
  const [from, to] = [Date.parse(absence.from), Date.parse(absence.to)];
  // A clock that was moved meanwhile makes nothing less.
  let added = Math.max(0, to - from);
  for (const one of taken_up)
    added -= Math.max(0, Math.min(to, Date.parse(one.to)) - Math.max(from, Date.parse(one.from)));
  return {
    ...process,
    taken_up: [...taken_up, absence].slice(-MOST_ABSENCES),
    unwatched_ms: unwatched_ms + Math.max(0, added),
  };
}

/** The process, whose machine nobody reaches. */
export const withoutLink = (process: StepProcess, link_lost: LinkLost): StepProcess => ({
  ...process,
  link_lost,
});

/** The process, whose machine nobody tries to reach any more. */
export function linkForgotten({ link_lost: _, ...process }: StepProcess): StepProcess {
  return process;
}

/** The process, whose machine is reached since `now`; itself where its link was not lost. */
export function withLink(process: StepProcess, now: string): StepProcess {
  const { link_lost, ...reached } = process;
  if (!link_lost) return process;
  return takenUp(reached, { from: link_lost.since, to: now, gone: "link" });
}

function absenceOf(given: unknown): Absence[] {
  const values = valuesIn(given);
  const [from, to] = [timeOf(values.from), timeOf(values.to)];
  if (from === null || to === null) return [];
  return [{ from, to, gone: values.gone === "link" ? "link" : "server" }];
}
