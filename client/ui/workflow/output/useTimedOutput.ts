/** The output of one attempt, and when its lines came. */
import { useMemo } from "preact/hooks";
import type { LogName } from "./bytes/logBytes.js";
import type { LogStart } from "./reader/logStart.js";
import { LineTimes } from "./times/lineTimes.js";
import type { ShownTimes } from "./times/shownTimes.js";
import { useLineTimes } from "./times/useLineTimes.js";
import type { Timestamps } from "./tools/logSettings.js";
import { type ShownOutput, useOutput } from "./useOutput.js";

export interface TimedOutput extends ShownOutput {
  /** Null while no times are shown. */
  readonly times: ShownTimes | null;
  /** Times are wanted, and were not kept of any of these lines. */
  readonly areUnrecorded: boolean;
}

export function useTimedOutput(
  name: LogName,
  start: LogStart,
  timestamps: Timestamps,
): TimedOutput {
  const heard = useMemo(() => new LineTimes(), [name]);
  const { onPage, log, away } = useOutput(name, start, (piece) => heard.hear(piece));
  const { shown, areUnrecorded } = useLineTimes(name, heard, onPage, timestamps);
  return { onPage, log, away, times: shown, areUnrecorded };
}
