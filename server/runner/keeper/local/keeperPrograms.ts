/** The programs that a keeper on this machine is made of: where they are, and what they can do. */
import { spawnSync } from "node:child_process";
import { bootIdOrNull, pidNamespace, processOf } from "../../../machine/processes.js";
import { machineUp } from "./papers.js";

export interface KeeperPrograms {
  readonly dd: string;
  readonly setsid: string;
  readonly mkfifo: string;
  readonly mv: string;
  readonly rm: string;
  readonly sleep: string;
  readonly wc: string;
  /** It can give every signal its usual effect again; null where it cannot. */
  readonly env: string | null;
  /** `setsid` can wait, and tells an exit code from a signal. */
  readonly waits: boolean;
  /** `dd` can count bytes, so that a piece is cut by its length and not by the number of writes. */
  readonly countsBytes: boolean;
  /** The shortest pause, in seconds. */
  readonly pause: string;
}

const NAMES = ["dd", "setsid", "mkfifo", "mv", "rm", "sleep", "wc"] as const;

/** Its own environment: this process's search path decides where the programs are. One line for each answer. */
const ASK = `for name in ${NAMES.join(" ")} env; do command -v "$name" || echo; done
setsid -fw true && echo yes || echo no
env --default-signal true && echo yes || echo no
echo 1234 | dd bs=64 count=2 iflag=count_bytes | wc -c
sleep 0.01 && echo yes || echo no`;
const ASK_WITHIN_MS = 10_000;

let known: KeeperPrograms | null | undefined;

/** Null where a command cannot be kept on this machine. Asked for once in the life of this process. */
export function keeperPrograms(): KeeperPrograms | null {
  if (known === undefined) known = find();
  return known;
}

function find(): KeeperPrograms | null {
  // A process is found again by these.
  if (processOf("self") === null || bootIdOrNull() === null || pidNamespace() === null) return null;
  if (machineUp() === null) return null;
  const { stdout } = spawnSync("/bin/sh", ["-c", ASK], {
    cwd: "/",
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
    timeout: ASK_WITHIN_MS,
  });
  const answers = (stdout ?? "").split("\n").map((line) => line.trim());
  const places = answers.slice(0, NAMES.length);
  if (!places.every((place) => place.startsWith("/"))) return null;
  const [dd, setsid, mkfifo, mv, rm, sleep, wc] = places as [
    ...[string, string, string, string, string, string, string],
  ];
  const [env = "", waits, resets, counted, pauses] = answers.slice(NAMES.length);
  return {
    ...{ dd, setsid, mkfifo, mv, rm, sleep, wc },
    env: resets === "yes" && env.startsWith("/") ? env : null,
    waits: waits === "yes",
    countsBytes: counted === "2",
    pause: pauses === "yes" ? "0.05" : "1",
  };
}
