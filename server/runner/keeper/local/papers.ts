/** The small files of a keeper's folder. What they say is believed only where it is whole: each ends with a mark of its own. */

import { readFileSync, statSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import * as z from "zod";

/** A process of this machine's present boot, once and for all. */
export interface Identity {
  readonly pid: number;
  /** In clock ticks since the boot. */
  readonly started: string;
}

/** Written by the server before the keeper is started. */
const Place = z.object({
  boot: z.string(),
  namespace: z.string().nullable(),
  /** `NAME=value`, which the command and all it starts have in their environment. */
  mark: z.string(),
});
export type Place = z.infer<typeof Place>;

/** Written by the command's own process before it is the command. */
export interface Run {
  readonly keeper: Identity;
  readonly command: Identity;
  readonly boot: string;
  /** Seconds that the machine had been up. */
  readonly up: number;
  /** In ms since 1970. */
  readonly at: number;
}

/** Written by the keeper when its command has ended. */
export interface End {
  /** `never`: nothing of it ran. `lost`: it may run, and nobody waits for it any more. `cut`: its guard has ended it, or has not let it begin. */
  readonly how: "code" | "signal" | "lost" | "never" | "cut";
  readonly status: number;
  readonly up: number;
  readonly at: number;
}

/** The paper `turn` has another name once it is decided who has ended the command: `own` it itself, `cut` its guard. A renaming needs no room. */
export const PAPERS = {
  ...{ place: "at", begun: "begun", run: "run", end: "end", eof: "eof" },
  ...{ turn: "turn", own: "own", cut: "cut" },
} as const;

/** Room is kept for what the keeper writes, so that a full disk cannot lose it. */
export const RESERVED = { run: " ".repeat(2_048), end: " ".repeat(128), eof: " ".repeat(64) };

export function placeOf(folder: string): Place | null {
  const text = textOf(join(folder, PAPERS.place));
  if (text === null) return null;
  try {
    return Place.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

export function runOf(folder: string): Run | null {
  const file = join(folder, PAPERS.run);
  return runIn(textOf(file) ?? "", changedAt(file));
}

/** Whether that paper is as it was laid out: nothing was written in it, so nothing ran. */
export const isRunUnwritten = (folder: string): boolean =>
  textOf(join(folder, PAPERS.run)) === RESERVED.run;

/** The text of that paper, last changed then. */
export function runIn(text: string, at: number): Run | null {
  const [keeperLine, commandLine, boot, up, mark] = text.split("\n");
  const keeper = identityIn(keeperLine);
  const command = identityIn(commandLine);
  const isWhole = mark === "." && /^\d+(?:\.\d+)?$/.test(up ?? "");
  if (!isWhole || keeper === null || command === null || !boot) return null;
  return { keeper, command, boot, up: Number(up), at };
}

export function endOf(folder: string): End | null {
  const file = join(folder, PAPERS.end);
  return endIn(textOf(file) ?? "", changedAt(file));
}

/** The text of that paper, last changed then. */
export function endIn(text: string, at: number): End | null {
  const found = /^(code|signal|lost|never|cut) (\d{1,5}) (\d+(?:\.\d+)?) \.\n/.exec(text);
  if (!found) return null;
  const [, how, status, up] = found;
  return { how: how as End["how"], status: Number(status), up: Number(up), at };
}

/** When that paper was last changed; null where there is none. */
export const endChangedAt = (folder: string): number | null =>
  statSync(join(folder, PAPERS.end), { throwIfNoEntry: false })?.mtimeMs ?? null;

/** The number of the last piece; null while more may come. */
export function lastSegmentOf(folder: string): number | null {
  const found = /^(\d{1,15}) \.\n/.exec(textOf(join(folder, PAPERS.eof)) ?? "");
  return found ? Number(found[1]) : null;
}

/** `SIGTERM`; a number for one that has no name here. `setsid` adds 128 where the kernel wrote a core file. */
export function signalName(status: number): string {
  const number = status & 127;
  const [name] = Object.entries(constants.signals).find(([, one]) => one === number) ?? [];
  return name ?? `signal ${number}`;
}

/** Of a line of /proc/PID/stat. */
function identityIn(line: string | undefined): Identity | null {
  const pid = /^\d+(?= \()/.exec(line ?? "")?.[0];
  const started = line?.slice(line.lastIndexOf(")") + 2).split(" ")[19];
  return pid && started && /^\d+$/.test(started) ? { pid: Number(pid), started } : null;
}

/** Throws where it is there and cannot be read just now: that says nothing about a command. */
export function textOf(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

const changedAt = (file: string): number => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;

export const isMissing = (error: unknown): boolean => {
  const { code } = error as NodeJS.ErrnoException;
  return code === "ENOENT" || code === "ENOTDIR" || code === "ESRCH";
};
