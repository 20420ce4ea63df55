/** Finds the last lines of what a step printed, and hears from an old server that it keeps none. */
import { SyncError } from "../../../shared/errors.js";
import { CliError, ExitCode } from "../process/exitCodes.js";

/** Where the last `lines` lines begin; null where there are not so many. */
export function startOfLast(lines: number, bytes: Uint8Array): number | null {
  const newline = 10;
  let at = bytes.length;
  if (lines === 0) return at;
  if (bytes[at - 1] === newline) at -= 1;
  for (let left = lines; left > 0; left--) {
    at = at === 0 ? -1 : bytes.lastIndexOf(newline, at - 1);
    if (at === -1) return null;
  }
  return at + 1;
}

/** Rejects where the server is too old. That a node is away says nothing of it: who follows waits for that. */
export async function mayBeKept(read: Promise<unknown>): Promise<void> {
  try {
    await keptOutput(read);
  } catch (error) {
    if (!(error instanceof SyncError) || error.code !== "unavailable") throw error;
  }
}

/** Turns an older server's answer into what it means. */
export async function keptOutput<T>(read: Promise<T>): Promise<T> {
  try {
    return await read;
  } catch (error) {
    const code = error instanceof SyncError ? error.code : null;
    if (code !== "not_found" && code !== "method_not_allowed") throw error;
    throw new CliError(ExitCode.failed, "This server is too old: it keeps no output.");
  }
}
