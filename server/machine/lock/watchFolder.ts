/** Asks every so often whether the data folder is still this server's, so that tabs hear of it before anybody saves. */
import type { Clock } from "../../../shared/clock.js";

const EVERY_MS = 2_000;

/** `prove` tells the operator and the tabs by itself. The returned function ends the watch, and resolves when no proof is under way. */
export function watchFolder(
  clock: Pick<Clock, "after">,
  prove: () => Promise<void>,
): () => Promise<void> {
  let cancel = () => {};
  let looking = Promise.resolve();
  let isStopped = false;
  const arm = () => {
    if (isStopped) return;
    cancel = clock.after(EVERY_MS, () => {
      looking = prove().then(arm, arm);
    });
  };
  arm();
  return () => {
    isStopped = true;
    cancel();
    return looking;
  };
}
