/** A command whose machine nobody reaches: kept in the `data.process.link_lost` of its step. Apart from the rest of a process, as the page needs no more at first. Pure. */
import type { Step } from "../schema/workflow.js";
import { branchesOf } from "./stepPlace.js";

export interface LinkLost {
  readonly since: string;
  readonly why: string;
  /** Null while it is being tried. */
  readonly next_try_at: string | null;
}

/** The lost link of a step that is at work; null for any other. */
export const linkLostOf = ({
  status,
  retry_at,
  data,
}: Pick<Step, "status" | "retry_at" | "data">): LinkLost | null =>
  status === "in_progress" && retry_at == null ? lostOf(givenProcess(data)?.link_lost) : null;

/** The one that was lost first, of all these steps and their branches; null where there is none. Times that are read here have the order of their texts. */
export function firstLinkLost(steps: readonly Step[]): LinkLost | null {
  let first: LinkLost | null = null;
  for (const step of steps) {
    if (step.status !== "in_progress") continue;
    for (const lost of [linkLostOf(step), firstLinkLost(branchesOf(step))])
      if (lost && (first === null || lost.since < first.since)) first = lost;
  }
  return first;
}

type Values = Readonly<Record<string, unknown>>;

/** Empty where it is no object. */
export const valuesIn = (given: unknown): Values =>
  typeof given === "object" && given !== null && !Array.isArray(given) ? (given as Values) : {};

interface GivenProcess extends Values {
  readonly machine: string;
  readonly pid: number;
  readonly since: string;
}

/** A process with what makes it one, and the rest of it unchecked; null where there is none. */
export function givenProcess(data: unknown): GivenProcess | null {
  const values = valuesIn(data);
  const given = valuesIn(Object.hasOwn(values, "process") ? values.process : null);
  const { machine, pid } = given;
  const since = timeOf(given.since);
  if (typeof machine !== "string" || machine === "" || since === null) return null;
  if (typeof pid !== "number" || !Number.isSafeInteger(pid) || pid <= 0) return null;
  return { ...given, machine, pid, since };
}

export function lostOf(given: unknown): LinkLost | null {
  const { why, ...times } = valuesIn(given);
  const since = timeOf(times.since);
  if (since === null) return null;
  return {
    since,
    why: typeof why === "string" ? why : "",
    next_try_at: timeOf(times.next_try_at),
  };
}

/** The time as the server writes it; null where it is none. */
export function timeOf(given: unknown): string | null {
  const isDated = typeof given === "string" && /^\d{4}-\d\d-\d\dT/.test(given);
  const at = isDated ? Date.parse(given) : Number.NaN;
  return Number.isNaN(at) ? null : new Date(at).toISOString();
}
