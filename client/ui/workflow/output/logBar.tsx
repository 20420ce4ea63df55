/** The bar above a log: its tools, its search, and a line that either of them says something in. */
import type { RefObject } from "preact";
import type { LogName } from "./bytes/logBytes.js";
import { numberOf } from "./lines/lineCount.js";
import type { LogOnPage } from "./onPage/logOnPage.js";
import type { OutputLog } from "./onPage/outputLog.js";
import { SearchBar } from "./search/searchBar.js";
import { hintText, SearchProgress } from "./search/searchHint.js";
import type { ShownSearch } from "./search/useLogSearch.js";
import type { ShownSteps } from "./search/useSearchSteps.js";
import { hasMore } from "./search/useWholeSearch.js";
import type { LogActions } from "./tools/logActions.js";
import { markdownOf, textsOf } from "./tools/logCopy.js";
import { LogTools } from "./tools/logTools.js";
import type { ShownSettings } from "./tools/useLogSettings.js";
import type { News } from "./tools/useNews.js";

const LAST_LINES = 200;

interface LogBarProps {
  readonly name: LogName;
  /** The step's title. */
  readonly title: string;
  readonly onPage: LogOnPage;
  readonly log: OutputLog;
  readonly isFollowing: boolean;
  readonly isAtWork: boolean;
  /** The address names lines. */
  readonly hasLines: boolean;
  readonly shown: ShownSettings;
  readonly search: ShownSearch;
  readonly steps: ShownSteps;
  readonly news: News;
  readonly actions: LogActions;
  readonly input: RefObject<HTMLInputElement | null>;
  /** The address of the lines in view. */
  link(): string;
  /** From the search to the lines. */
  leave(): void;
}

export function LogBar(props: LogBarProps) {
  const { name, title, onPage, log, shown, search, steps, news } = props;
  const { stoppedAt } = search.result;
  const searched = {
    hasMore: hasMore(onPage),
    isNowhere: steps.isNowhere,
    stoppedAt: stoppedAt && numberOf(stoppedAt, onPage.base),
  };
  const lastLines = () =>
    log
      .lastLines()
      .then((last) => markdownOf(title, name.attempt, textsOf(last).slice(-LAST_LINES)));
  return (
    <LogTools
      name={name}
      isFollowing={props.isFollowing}
      isAtWork={props.isAtWork}
      said={
        steps.searching ? (
          <SearchProgress searching={steps.searching} stop={steps.stop} />
        ) : (
          (news.text ?? hintText(search, searched))
        )
      }
      settings={shown.settings}
      hasLines={props.hasLines}
      actions={props.actions}
      isPattern={search.query.isPattern}
      searchByPattern={(isPattern) => search.ask({ ...search.query, isPattern })}
      set={shown.set}
      link={props.link}
      lastLines={lastLines}
    >
      <SearchBar
        search={search}
        input={props.input}
        hasMore={searched.hasMore}
        isSearching={steps.searching !== null}
        step={(by) => void steps.match(by)}
        stop={steps.stop}
        leave={props.leave}
      />
    </LogTools>
  );
}
