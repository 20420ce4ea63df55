/** Says beside a search's count that Enter goes on, how far it is, and why there is nothing. */
import { MISSING_SEARCH } from "./finders.js";
import type { ShownSearch } from "./useLogSearch.js";
import type { Searching } from "./useWholeSearch.js";

interface SearchProgressProps {
  readonly searching: Searching;
  stop(): void;
}

export function SearchProgress({ searching: { line, share }, stop }: SearchProgressProps) {
  return (
    <>
      Searching the whole log… {/* Nobody wants to hear each number. */}
      <span aria-hidden="true" data-testid="search-progress">
        {line !== null && `line ${line.toLocaleString("en")}, `}
        {Math.floor(share * 100)} %
      </span>{" "}
      <button type="button" class="link-button" data-testid="search-stop" onClick={stop}>
        Stop
      </button>
    </>
  );
}

interface SearchedLog {
  /** More of it is not on the page. */
  readonly hasMore: boolean;
  /** All of it was searched, and there is no match. */
  readonly isNowhere: boolean;
  /** The number of the line where time ran out. */
  readonly stoppedAt: number | null;
}

/** Empty where the count says enough. */
export function hintText(
  { query, problem, result, finder }: Pick<ShownSearch, "query" | "problem" | "result" | "finder">,
  { hasMore, isNowhere, stoppedAt }: SearchedLog,
): string {
  if (problem !== null) return problem;
  if (query.text === "" || result.isSearching) return "";
  if (finder?.isMissing) return MISSING_SEARCH;
  if (result.stoppedAt)
    return `Stopped ${stoppedAt === null ? "early" : `at line ${stoppedAt}`}: this takes too long.`;
  if (result.matches.length > 0 || !hasMore) return "";
  if (isNowhere) return "Not found in the whole log.";
  return "Not in the lines loaded: Enter searches the whole log.";
}
