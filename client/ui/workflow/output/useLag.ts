/** Tells the page while the log that is shown is behind what was printed. */
import { useLayoutEffect } from "preact/hooks";
import { usePage } from "../../page/page.js";
import type { LogOnPage } from "./onPage/logOnPage.js";
import type { OutputLog } from "./onPage/outputLog.js";

/** `bytes`: what the state says was printed. */
export function useLag(log: OutputLog, { isBehind }: LogOnPage, bytes: number): void {
  const { isLogBehind } = usePage();
  useLayoutEffect(() => log.expects(bytes), [log, bytes]);
  useLayoutEffect(() => {
    isLogBehind.value = isBehind;
    return () => {
      isLogBehind.value = false;
    };
  }, [isLogBehind, isBehind]);
}
