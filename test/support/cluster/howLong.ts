/** How often and how long a cluster is hurt: once and briefly among all other tests, INSTEP_KILLS=n times and for long by hand. */
import { setTimeout } from "node:timers/promises";

const asked = process.env.INSTEP_KILLS;

export const KILLS = Number(asked ?? 1);

export const LONG = { timeout: 900_000 + KILLS * 60_000 };

/** A fault that lasts, where somebody asks for the long form. */
export const atLeast = (ms: number): Promise<void> =>
  asked === undefined ? Promise.resolve() : setTimeout(ms);
