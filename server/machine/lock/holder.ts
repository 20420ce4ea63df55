/** The content of a lock file: which process made it, and where that process can be asked. */
import { createHash } from "node:crypto";
import { hostname } from "node:os";
import * as z from "zod";
import {
  bootIdOrNull,
  INITIAL_PID_NAMESPACE,
  machineIdOrNull,
  pidNamespace,
  processOf,
} from "../processes.js";

const Holder = z.object({
  pid: z.int(),
  /** The process's start, in clock ticks after boot: a later process with the same number has another start. */
  started: z.string().nullable(),
  boot_id: z.string().nullable(),
  hostname: z.string(),
  /** Names the socket that tells whether this process lives. */
  nonce: z.string().regex(/^[0-9a-f]{16}$/),
  /** Where `pid` counts; null where that is not known. Missing, as the next two, in the locks of earlier versions. */
  pid_namespace: z.string().nullable().optional(),
  /** The machine's id, the same over reboots; null in a container, as other containers of its image may have the same id. */
  machine: z.string().nullable().optional(),
  /** The inode of the lock file itself: a copy of the file has another one. */
  inode: z.string().optional(),
});
export type Holder = z.infer<typeof Holder>;

/** This process, as a lock file of that inode tells of it. */
export function describeSelf(nonce: string, inode: string): Holder {
  const pid_namespace = pidNamespace();
  const machineId = pid_namespace === INITIAL_PID_NAMESPACE ? machineIdOrNull() : null;
  return {
    pid: process.pid,
    // Without a namespace /proc speaks of other processes than ours.
    started: pid_namespace === null ? null : (processOf(process.pid)?.started ?? null),
    boot_id: bootIdOrNull(),
    hostname: hostname(),
    nonce,
    pid_namespace,
    // machine-id(5) asks programs to keep the number itself to themselves.
    machine: machineId === null ? null : digest(`instep ${machineId}`),
    inode,
  };
}

/** Null for what no server writes: a file cut short, or somebody else's. */
export function parseHolder(text: string): Holder | null {
  try {
    return Holder.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

const digest = (text: string): string =>
  createHash("sha256").update(text).digest("hex").slice(0, 32);
