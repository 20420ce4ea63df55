/** Starts a keeper on this machine: its folder is laid out, and its shell is a process of its own session. */
import { type ChildProcess, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { bootIdOrNull, pidNamespace } from "../../../machine/processes.js";
import type { KeeperPrograms } from "./keeperPrograms.js";
import { PAPERS, type Place, RESERVED } from "./papers.js";
import { ASIDE, type GuardText, KEEPER_NAME, keeperScript, setAside } from "./script.js";
import { type SpoolLimits, USUAL_LIMITS } from "./writerScript.js";

export interface KeptCommand {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `NAME=value`: everything it starts has that in its environment, and the keeper itself has not. */
  readonly mark: string;
  readonly limits?: Partial<SpoolLimits>;
  /** Where it has to end with its node. */
  readonly guard?: Omit<GuardText, "mark"> | undefined;
}

/** Prepares the folder: all this is there before the keeper is. */
export function layOut(folder: string, { mark, guard }: Pick<KeptCommand, "mark" | "guard">): void {
  const place: Place = { boot: bootIdOrNull() ?? "", namespace: pidNamespace(), mark };
  const write = (name: string, text: string) =>
    writeFileSync(join(folder, name), text, { mode: 0o600, flag: "wx" });
  write(PAPERS.place, JSON.stringify(place));
  write(PAPERS.run, RESERVED.run);
  write(PAPERS.end, RESERVED.end);
  write(PAPERS.eof, RESERVED.eof);
  if (guard) write(PAPERS.turn, "");
}

export function spawnKeeper(
  folder: string,
  { argv, cwd, env, mark, limits, guard }: KeptCommand,
  programs: KeeperPrograms,
): ChildProcess {
  const aside = setAside(env, mark);
  const given = Object.fromEntries(
    Object.entries(env).map(([name, value]) => [aside.includes(name) ? ASIDE + name : name, value]),
  );
  const text = keeperScript({
    ...{ programs, aside, limits: { ...USUAL_LIMITS, ...limits } },
    guard: guard && { ...guard, mark },
  });
  return spawn(programs.shell, ["-c", text, KEEPER_NAME, folder, ...argv], {
    cwd,
    env: given,
    detached: true,
    stdio: "ignore",
  });
}
