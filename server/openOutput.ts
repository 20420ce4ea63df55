/** Opens the store of output, and puts what it has to tell into the server's log. */
import type { Clock } from "../shared/clock.js";
import type { Log } from "./log/log.js";
import type { ThrottledLog } from "./log/throttledLog.js";
import type { StorageHealth } from "./machine/storageHealth.js";
import { errorCode } from "./machine/systemErrors.js";
import type { Metrics } from "./metrics/metrics.js";
import { OutputStore } from "./output/outputStore.js";
import type { OutputStoreOptions } from "./output/outputStoreOptions.js";
import type { Store } from "./state/store/store.js";

type OpenOutputParts = Pick<
  OutputStoreOptions,
  "dataDir" | "commits" | "limits" | "fileSystem" | "prove" | "onUnreadable"
> & {
  readonly store: Store;
  readonly clock: Clock;
  readonly storage: StorageHealth;
  readonly log: Log;
  readonly lines: ThrottledLog;
  readonly metrics: Metrics | null;
};

/** As `OutputStore.open`. */
export function openOutput({
  store,
  clock,
  storage,
  log,
  lines,
  metrics,
  ...options
}: OpenOutputParts): Promise<OutputStore> {
  return OutputStore.open({
    ...options,
    elapsed: () => clock.elapsed(),
    now: () => clock.now(),
    onFailure: (error, folder) =>
      lines.error(
        `output ${errorCode(error)}`,
        { err: error, folder },
        "output was not removed, and that is tried again, or not read",
      ),
    onTimesFailure: (error, folder) =>
      lines.error(
        `times of output ${errorCode(error)}`,
        { err: error, folder },
        "when output came could not be kept or read; the output itself is kept",
      ),
    onGrowth: metrics ? (bytes) => metrics.outputGrew(bytes) : undefined,
    isSpared: (folder) => store.damages?.mayOwn(folder) ?? store.damaged.length > 0,
    diskListener: storage,
    onListenerFailure: (error) => log.error({ err: error }, "a reader of output has thrown"),
  });
}
