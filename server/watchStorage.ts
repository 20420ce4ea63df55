/** Makes the storage's health, and tells the operator of it: when the disk refuses, and when it keeps again. */
import type { Clock } from "../shared/clock.js";
import type { Log } from "./log/log.js";
import type { ThrottledLog } from "./log/throttledLog.js";
import { FolderLost } from "./machine/folderLost.js";
import { StorageHealth, type StorageHealthParts } from "./machine/storageHealth.js";

interface WatchStorageParts extends Pick<StorageHealthParts, "probe" | "settle"> {
  readonly clock: Clock;
  readonly log: Log;
  readonly lines: ThrottledLog;
}

export function watchStorage({
  clock,
  log,
  lines,
  probe,
  settle,
}: WatchStorageParts): StorageHealth {
  return new StorageHealth({
    clock,
    probe,
    settle,
    onRefusal: ({ code, syscall, path }, error) =>
      lines.error(
        `${code} ${syscall}`,
        { code, syscall, path, why: String(error) },
        error instanceof FolderLost
          ? "the data folder is no longer this server's: commands are refused until it is again"
          : "the disk refuses to keep what is written: commands are refused until it does",
      ),
    onRecovery: (failed_for_ms, refusals) =>
      log.warn({ failed_for_ms, refusals }, "the disk keeps what is written again"),
    onListenerFailure: (error) => log.error({ err: error }, "a reader of the disk's health threw"),
  });
}
