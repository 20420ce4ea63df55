/** The filters of the list: by definition, by an input's value and by time. Each choice stands in the address. */
import { useLayoutEffect, useState } from "preact/hooks";
import type { ListRoute } from "../../browser/mount.js";
import { usePage } from "../../page/page.js";
import { SortChoice } from "./sortChoice.js";

interface FilterBarProps {
  readonly route: ListRoute;
  /** Those that some workflow was started from. */
  readonly definitions: readonly string[];
}

const TIMES = { "": "Any time", today: "Today", week: "Last 7 days", range: "Days…" } as const;

export function FilterBar({ route, definitions }: FilterBarProps) {
  const { router } = usePage();
  const { definition, time, from, to } = route;
  const change = (part: Partial<ListRoute>) => router.go({ ...route, ...part });
  const isRange = time === "range" || Boolean(!time && (from || to));
  const [isOpen, setOpen] = useState(isNarrowed(route));
  const names =
    definition && !definitions.includes(definition) ? [...definitions, definition] : definitions;
  return (
    <>
      <button
        type="button"
        class="button filters-toggle"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        Filters
      </button>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset has a look of its own that differs from browser to browser */}
      <div class={isOpen ? "filters is-open" : "filters"} role="group" aria-label="Filters">
        <select
          class="field"
          aria-label="Definition"
          data-testid="definition-filter"
          value={definition ?? ""}
          onChange={({ currentTarget }) => change({ definition: currentTarget.value })}
        >
          <option value="">Any definition</option>
          {names.map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
        <InputFilter input={route.input ?? ""} onChange={(input) => change({ input })} />
        <select
          class="field"
          aria-label="Started"
          data-testid="time-filter"
          value={isRange ? "range" : (time ?? "")}
          onChange={({ currentTarget }) => change({ time: currentTarget.value, from: "", to: "" })}
        >
          {Object.entries(TIMES).map(([value, word]) => (
            <option key={value} value={value}>
              {word}
            </option>
          ))}
        </select>
        {isRange && (
          <span class="filter-days">
            <input
              type="date"
              class="field"
              aria-label="From this day on"
              value={from ?? ""}
              onChange={({ currentTarget }) => change({ time: "range", from: currentTarget.value })}
            />
            –
            <input
              type="date"
              class="field"
              aria-label="Up to this day"
              value={to ?? ""}
              onChange={({ currentTarget }) => change({ time: "range", to: currentTarget.value })}
            />
          </span>
        )}
        <SortChoice route={route} />
      </div>
    </>
  );
}

/** By something that is not to be seen where the filters are folded away. */
const isNarrowed = ({ definition, input, time, from, to, sort }: ListRoute): boolean =>
  [definition, input, time, from, to, sort].some(Boolean);

/** Taken over when the field is left, or with Enter. */
function InputFilter({ input, onChange }: { input: string; onChange(input: string): void }) {
  const [text, setText] = useState(input);
  useLayoutEffect(() => setText(input), [input]);
  const take = () => onChange(text.trim().replace(/^=+/, ""));
  return (
    <input
      type="text"
      class="field filter-input"
      data-testid="input-filter"
      aria-label="Input value, such as host=web-7"
      placeholder="Input: host=web-7"
      spellcheck={false}
      autocomplete="off"
      maxLength={300}
      value={text}
      onInput={({ currentTarget }) => setText(currentTarget.value)}
      onChange={take}
      onKeyDown={(event) => {
        if (event.key === "Enter" && !event.isComposing) take();
        if (event.key === "Escape" && text !== "") {
          event.preventDefault();
          setText("");
          onChange("");
        }
      }}
    />
  );
}
