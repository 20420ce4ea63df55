/** Lends the page the loaded lines of a log, for the print: the log may have drawn only a part of them. */
import { useLayoutEffect, useRef } from "preact/hooks";
import { usePage } from "../../../page/page.js";
import type { LogOnPage } from "../onPage/logOnPage.js";
import { textsOf } from "./logCopy.js";

export function useLoadedLines(onPage: LogOnPage): void {
  const { loadedLines } = usePage();
  const newest = useRef(onPage);
  newest.current = onPage;
  useLayoutEffect(() => {
    const give = () => textsOf(newest.current.blocks.flatMap(({ lines }) => lines));
    loadedLines.current = give;
    return () => {
      if (loadedLines.current === give) loadedLines.current = null;
    };
  }, [loadedLines]);
}
