/** Lends the page what a log has loaded, for the print: of that only a part may be drawn. */
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
