/** The programs that a keeper on this machine is made of: where they are, and what they can do. */
import { spawnSync } from "node:child_process";
import { bootIdOrNull, machineUp, pidNamespace, processOf } from "../../../machine/processes.js";

export interface KeeperPrograms {
  /** A POSIX shell. */
  readonly shell: string;
  readonly dd: string;
  readonly setsid: string;
  readonly mkfifo: string;
  readonly mv: string;
  readonly rm: string;
  readonly sleep: string;
  readonly wc: string;
  /** It can give every signal its usual effect again; null where it cannot. */
  readonly env: string | null;
  /** It can look for a variable in what processes were started with; null where it cannot. */
  readonly grep: string | null;
  /** `setsid` can wait, and tells an exit code from a signal. */
  readonly waits: boolean;
  /** The shortest pause, in seconds. */
  readonly pause: string;
}

const SHELL = "/bin/sh";
const NAMES = ["dd", "setsid", "mkfifo", "mv", "rm", "sleep", "wc"] as const;

/** Asks a shell for them: the search path decides where they are. One line for each answer. */
export const ASK_FOR_PROGRAMS = `for name in ${NAMES.join(" ")} env; do command -v "$name" || echo; done
setsid -fw true && echo yes || echo no
env --default-signal true && echo yes || echo no
case $(echo 1234 | LC_ALL=C dd bs=64 count=2 2>&1 >/dev/null) in
  *0+1' records in'*0+1' records out'*5' bytes'*) echo yes ;;
  *) echo no ;;
esac
sleep 0.01 && echo yes || echo no
printf 'a\\0b\\0' | grep -qzxFe b && command -v grep || echo`;
/** This process waits for it, and a machine that only just boots is slow. */
const ASK_WITHIN_MS = 5_000;
const MOST_TRIES = 3;
const SYSTEM_PATH = "/usr/bin:/bin:/usr/sbin:/sbin";

let known: KeeperPrograms | null | undefined;
let tries = 0;

/**
 * Null where a command cannot be kept on this machine. The answer counts for the life of this process, so one that did not come in
 * time is asked for again.
 */
export function keeperPrograms(): KeeperPrograms | null {
  if (known === undefined && tries++ < MOST_TRIES) known = findPrograms();
  return known ?? null;
}

/** Undefined where the shell has not told all of it in time: that says nothing of the machine. */
export function findPrograms(withinMs = ASK_WITHIN_MS): KeeperPrograms | null | undefined {
  // A process is found again by these.
  if (processOf("self") === null || bootIdOrNull() === null || pidNamespace() === null) return null;
  if (machineUp() === null) return null;
  // The system's own come first: another program of such a name may be anything, and this process waits for it.
  const { stdout, error } = spawnSync(
    SHELL,
    ["-c", `PATH=${SYSTEM_PATH}:$PATH\n${ASK_FOR_PROGRAMS}`],
    {
      cwd: "/",
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
      timeout: withinMs,
    },
  );
  if ((error as NodeJS.ErrnoException | undefined)?.code === "ETIMEDOUT") return undefined;
  return programsIn((stdout ?? "").split("\n"));
}

/** Null where one is missing. */
export function programsIn(lines: readonly string[]): KeeperPrograms | null {
  const answers = lines.map((line) => line.trim());
  const places = answers.slice(0, NAMES.length);
  if (!places.every((place) => place.startsWith("/"))) return null;
  const [dd, setsid, mkfifo, mv, rm, sleep, wc] = places as [
    ...[string, string, string, string, string, string, string],
  ];
  const [env = "", waits, resets, tells, pauses, grep = ""] = answers.slice(NAMES.length);
  // By what it says the end of an output is told from a piece that is full.
  if (tells !== "yes") return null;
  return {
    shell: SHELL,
    ...{ dd, setsid, mkfifo, mv, rm, sleep, wc },
    env: resets === "yes" && env.startsWith("/") ? env : null,
    grep: grep.startsWith("/") ? grep : null,
    waits: waits === "yes",
    pause: pauses === "yes" ? "0.05" : "1",
  };
}
