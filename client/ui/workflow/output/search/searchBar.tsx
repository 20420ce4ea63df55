/** The search of a log: what is wanted, how much of it there is, and which one the reader is at. */
import type { RefObject } from "preact";
import { useId } from "preact/hooks";
import { SAID_ID } from "../tools/logTools.js";
import type { ShownSearch } from "./useLogSearch.js";

interface SearchBarProps {
  readonly search: ShownSearch;
  readonly input: RefObject<HTMLInputElement | null>;
  /** More of the output is not on the page. */
  readonly hasMore: boolean;
  /** Whether all of it is being searched. */
  readonly isSearching: boolean;
  step(by: 1 | -1): void;
  /** Searches no longer. */
  stop(): void;
  leave(): void;
}

export function SearchBar(props: SearchBarProps) {
  const { search, input, hasMore, isSearching, step, stop, leave } = props;
  const id = useId();
  const { query, problem } = search;
  const onKey = (event: KeyboardEvent) => {
    if (event.key === "Enter") {
      event.preventDefault();
      step(event.shiftKey ? -1 : 1);
    }
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      if (isSearching) stop();
      else leave();
    }
  };
  return (
    <search class="output-search">
      <input
        ref={input}
        type="search"
        class="output-search-text"
        placeholder="Search"
        aria-label="Search the log"
        aria-invalid={problem !== null}
        aria-describedby={`${id} ${SAID_ID}`}
        spellcheck={false}
        autocomplete="off"
        value={query.text}
        onInput={({ currentTarget }) => search.ask({ ...query, text: currentTarget.value })}
        onKeyDown={onKey}
      />
      <span id={id} class="output-count" role="status" data-testid="search-count">
        {countText(search, hasMore)}
      </span>
      <button
        type="button"
        class="button is-small is-quiet"
        aria-label="Previous match"
        title="Previous match (N, Shift+Enter)"
        disabled={search.finder === null}
        onClick={() => step(-1)}
      >
        ↑
      </button>
      <button
        type="button"
        class="button is-small is-quiet"
        aria-label="Next match"
        title="Next match (n, Enter)"
        disabled={search.finder === null}
        onClick={() => step(1)}
      >
        ↓
      </button>
      <button
        type="button"
        class="button is-small is-quiet from-middle"
        aria-label="Regular expression"
        title="Search by regular expression"
        aria-pressed={query.isPattern}
        onClick={() => search.ask({ ...query, isPattern: !query.isPattern })}
      >
        .*
      </button>
    </search>
  );
}

/** Lines that are not on the page may have more matches. */
function countText({ query, problem, result, at }: ShownSearch, hasMore: boolean): string {
  if (problem !== null || query.text === "") return "";
  const { length } = result.matches;
  if (length === 0) return hasMore || result.stoppedAt ? "" : "Not found";
  return `${at === null ? 0 : at + 1}/${length}${hasMore || result.stoppedAt ? "+" : ""}`;
}
