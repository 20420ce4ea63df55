/** The kinds of machine that a keeper may find: other shells, and other programs of the same names. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import {
  type KeeperPrograms,
  keeperPrograms,
} from "../../../../../server/runner/keeper/local/keeperPrograms.js";

export interface Machine {
  readonly title: string;
  readonly programs: KeeperPrograms;
}

const BUSYBOX = ["dd", "setsid", "mkfifo", "mv", "rm", "sleep", "wc"] as const;

/** Those whose shell is on this machine. */
export function machines(): readonly Machine[] {
  const usual = keeperPrograms();
  if (usual === null) throw new Error("no keeper works on this machine");
  const folder = mkdtempSync(join(tmpdir(), "instep-machines-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const link = (name: string, to: string) => {
    symlinkSync(to, join(folder, name));
    return join(folder, name);
  };
  const found: Machine[] = [
    { title: "the usual shell and programs", programs: usual },
    { title: "an env that resets no signals", programs: { ...usual, env: null } },
    { title: "a setsid that cannot wait", programs: { ...usual, env: null, waits: false } },
  ];
  const [dash, bash, busybox] = ["dash", "bash", "busybox"].map(whereIs);
  if (dash) found.push({ title: "dash", programs: { ...usual, shell: link("dash-sh", dash) } });
  if (bash) found.push({ title: "bash", programs: { ...usual, shell: link("sh", bash) } });
  if (busybox) {
    const its = Object.fromEntries(BUSYBOX.map((name) => [name, link(name, busybox)]));
    const programs = { ...usual, ...its, shell: link("ash", busybox), env: null, waits: false };
    found.push({ title: "busybox", programs });
  }
  return found;
}

/** An absolute path; null where there is no such program. */
function whereIs(name: string): string | null {
  const { stdout } = spawnSync("/bin/sh", ["-c", 'command -v "$1"', "sh", name], {
    encoding: "utf8",
  });
  return stdout.trim().startsWith("/") ? stdout.trim() : null;
}
