/** Measures how long a small write takes until it is on the disk, in a file of the data folder that is removed again. */
import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import type { CliContext } from "../process/context.js";

const WRITES = 15;
const BYTES = 512;
/** A disk that hangs is not waited for any longer; one that is slow has been measured by then. */
const LONGEST_MS = 10_000;

/** In milliseconds, one for each write. Rejects with what the disk said. Nothing of it stays, however the process ends short of SIGKILL. */
export async function syncTimes(
  folder: string,
  { clock, pid, onExit }: Pick<CliContext, "clock" | "pid" | "onExit">,
): Promise<number[]> {
  const path = join(folder, `.doctor.${pid}.${randomBytes(6).toString("hex")}.tmp`);
  const undo = onExit(() => rmSync(path, { force: true }));
  try {
    const file = await open(path, "wx", 0o600);
    try {
      const times: number[] = [];
      const begun = clock.elapsed();
      while (times.length < WRITES && clock.elapsed() - begun < LONGEST_MS) {
        const before = clock.elapsed();
        await file.write(Buffer.alloc(BYTES, "\n"));
        await file.datasync();
        times.push(clock.elapsed() - before);
      }
      return times;
    } finally {
      await file.close();
    }
  } finally {
    await rm(path, { force: true });
    undo();
  }
}
