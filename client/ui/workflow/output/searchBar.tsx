/** The search of a log: what is wanted, how much of it there is, and which one the reader is at. */
import type { RefObject } from "preact";
import { useId } from "preact/hooks";
import type { ShownSearch } from "./useLogSearch.js";

interface SearchBarProps {
  readonly search: ShownSearch;
  readonly input: RefObject<HTMLInputElement | null>;
  /** More of the output is not here yet. */
  readonly hasMore: boolean;
  /** The number of the line where time ran out. */
  readonly stoppedAt: number | null;
  step(by: 1 | -1): void;
  leave(): void;
}

export function SearchBar({ search, input, hasMore, stoppedAt, step, leave }: SearchBarProps) {
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
      leave();
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
        aria-describedby={id}
        spellcheck={false}
        autocomplete="off"
        value={query.text}
        onInput={({ currentTarget }) => search.ask({ ...query, text: currentTarget.value })}
        onKeyDown={onKey}
      />
      <span id={id} class="output-count" role="status" data-testid="search-count">
        {countText(search, hasMore, stoppedAt)}
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

function countText(
  { query, problem, found, at }: ShownSearch,
  hasMore: boolean,
  stoppedAt: number | null,
): string {
  if (problem !== null) return problem;
  if (query.text === "") return "";
  const { length } = found.matches;
  // What is not here may have more of it.
  const all = `${length}${hasMore || found.stoppedAt ? "+" : ""}`;
  const none = hasMore ? "Not in these lines" : "Not found";
  const count = length === 0 ? none : `${at === null ? 0 : at + 1}/${all}`;
  if (!found.stoppedAt) return count;
  return `${count}, stopped ${stoppedAt === null ? "early" : `at line ${stoppedAt}`}: this takes too long`;
}
