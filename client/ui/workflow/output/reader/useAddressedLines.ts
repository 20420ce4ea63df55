/** Brings the lines that the address names into view whenever it names others. */
import { useLayoutEffect, useRef } from "preact/hooks";
import type { OutputLog } from "../onPage/outputLog.js";
import { type Lines, linesText } from "./logStart.js";
import type { Jump } from "./useJump.js";

/** Returns what is told of lines that the reader chose in the log: they are in view already. */
export function useAddressedLines(
  lines: Lines | undefined,
  log: Pick<OutputLog, "goTo">,
  jump: Jump,
): (chosen: Lines) => void {
  const inView = useRef(linesText(lines));
  useLayoutEffect(() => {
    if (inView.current === linesText(lines)) return;
    inView.current = linesText(lines);
    if (!lines) return;
    void log.goTo({ line: lines.from });
    jump.to({ place: { line: lines.from }, delta: null });
  }, [lines?.from, lines?.to]);
  return (chosen) => {
    inView.current = linesText(chosen);
  };
}
