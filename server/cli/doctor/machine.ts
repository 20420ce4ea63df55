/** Judges the machine: the version of Node, how long its disk takes, what its clock says. Pure. */
import { type Finding, fine, warning, wrong } from "./finding.js";

/** The first version that Instep runs on. */
const LEAST = [20, 19] as const;
const END_OF_20 = Date.parse("2026-04-30T00:00:00Z");

/** `version` as Node writes it, with or without a v. `now` in milliseconds since the epoch. */
export function judgeNode(version: string, now: number): Finding {
  const [major = 0, minor = 0] = version.replace(/^v/, "").split(".").map(Number);
  if (major < LEAST[0] || (major === LEAST[0] && minor < LEAST[1]))
    return wrong(
      "node",
      `Node ${version} is older than ${LEAST.join(".")}, the first one that Instep runs on.`,
      "Install Node 22 or 24.",
    );
  if (major === 20 && now >= END_OF_20)
    return warning(
      "node",
      `Node ${version} works, but has had its end of life on 2026-04-30: nobody mends its holes.`,
      "Use Node 22 or 24.",
    );
  return fine("node", `Node ${version} is supported.`);
}

const SLOW_SYNC_MS = 50;

/** `times` of small writes with an fsync each, in milliseconds. */
export function judgeSync(times: readonly number[]): Finding {
  const sorted = [...times].sort((one, other) => one - other);
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
  const most = sorted.at(-1) ?? 0;
  const shown = `A small write with fsync takes ${ms(median)} (median of ${sorted.length}, at most ${ms(most)})`;
  if (median <= SLOW_SYNC_MS) return fine("disk", `${shown}.`);
  return warning(
    "disk",
    `${shown}: nobody is told of a change before that, so every step and every answer waits for as long.`,
    "Put the data folder on a local disk, best an SSD, or see what else keeps this one busy.",
  );
}

const ms = (time: number): string => `${time < 10 ? time.toFixed(1) : Math.round(time)} ms`;

/** The moments, in milliseconds since the epoch by our clock, between which a server wrote its Date. */
export interface AskedBetween {
  readonly askedAt: number;
  readonly answeredAt: number;
}

const APART_MS = 2_000;
/** The header has no parts of a second. */
const HEADER_MS = 1_000;

/** `date`: the header of an answer of `place`. @default it is found under `clock` */
export function judgeClock(
  date: string | undefined,
  { askedAt, answeredAt }: AskedBetween,
  place: string,
  check = "clock",
): Finding {
  const said = Date.parse(date ?? "");
  if (Number.isNaN(said)) return fine(check, `${place} does not say what time it is there.`);
  const apart = Math.max(said - answeredAt, askedAt - (said + HEADER_MS), 0);
  if (apart <= APART_MS)
    return fine(check, `The clocks here and at ${place} are at most 2 s apart.`);
  const way = said > answeredAt ? "behind" : "ahead of";
  return warning(
    check,
    `The clock here is ${Math.round(apart / 1_000)} s ${way} that of ${place}: times on the page and in logs do not fit together.`,
    "Let both machines set their clocks by NTP (timedatectl set-ntp true).",
  );
}

/** `recipes` are those that run commands over ssh, and `ssh` is its file: null for nowhere on PATH. */
export function judgeTools(recipes: readonly string[], ssh: string | null): Finding {
  if (recipes.length === 0) return fine("tools", "No recipe needs a program of ours beside Node.");
  const names = recipes.slice(0, 5).join(", ");
  const shown = recipes.length > 5 ? `${names}, …` : names;
  if (ssh !== null) return fine("tools", `ssh, which ${shown} use, is ${ssh}.`);
  return wrong(
    "tools",
    `ssh, which ${shown} use, is not on PATH: their steps on other machines will fail.`,
    "Install OpenSSH's client, or give the server a PATH that leads to it.",
  );
}
