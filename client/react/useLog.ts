/** The hook for what one step prints. */
import { useMemo, useSyncExternalStore } from "react";
import { LogStore, type LogView, noLog } from "./logStore.js";
import { useHolder } from "./provider.js";

/** How much of the text bytes are asked for where nothing is said. */
const TAIL = 65_536;

export interface UseLogOptions {
  /** Bytes to begin with, from the end of what is there; the text holds at most twice as many characters. @default 65,536 */
  readonly tail?: number | undefined;
}

/** Follows the output of a step, by its index: the newest attempt, and newer ones as they begin. */
export function useLog(
  workflow_id: string,
  step: number,
  { tail = TAIL }: UseLogOptions = {},
): LogView {
  const holder = useHolder();
  const store = useMemo(
    () => new LogStore({ holder, workflow_id, step, tail }),
    [holder, workflow_id, step, tail],
  );
  return useSyncExternalStore(store.subscribe, store.view, noLog);
}
