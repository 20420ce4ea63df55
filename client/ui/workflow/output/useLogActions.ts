/** Joins what keys and buttons can do with a log, and tells the page of it while the log is there. */
import type { RefObject } from "preact";
import { useLayoutEffect } from "preact/hooks";
import { copyText } from "../../browser/clipboard.js";
import type { Reader } from "./reader/useReader.js";
import type { SearchSteps } from "./search/useSearchSteps.js";
import type { LogActions } from "./tools/logActions.js";
import type { ShownSettings } from "./tools/useLogSettings.js";
import type { News } from "./tools/useNews.js";

interface LogActionsOptions {
  readonly reader: Pick<Reader, "toEnd" | "toStart">;
  readonly steps: SearchSteps;
  readonly shown: ShownSettings;
  readonly news: Pick<News, "say">;
  /** The field of the search. */
  readonly input: RefObject<HTMLInputElement | null>;
  /** The address of the lines in view. */
  link(): string;
  /** Hears null once the log is gone. */
  readonly onActions: ((actions: LogActions | null) => void) | undefined;
}

export function useLogActions(options: LogActionsOptions): LogActions {
  const { reader, steps, shown, news, input, link, onActions } = options;
  const actions: LogActions = {
    follow: reader.toEnd,
    toStart: reader.toStart,
    search: () => input.current?.focus(),
    nextMatch: () => void steps.match(1),
    previousMatch: () => void steps.match(-1),
    nextError: () => void steps.error(),
    copyLink: () =>
      void copyText(link()).then((isDone) =>
        news.say(isDone ? "Copied the link." : "Not copied: the browser refused."),
      ),
    wrap: () => shown.set({ wrap: !shown.settings.wrap }),
    timestamps: shown.switchTimestamps,
  };
  useLayoutEffect(() => {
    onActions?.(actions);
  });
  useLayoutEffect(() => () => onActions?.(null), []);
  return actions;
}
