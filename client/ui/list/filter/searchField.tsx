/** The search of the list. What is typed stands in the address a moment later, so that a reload and a link find the same. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { useKeys } from "../../browser/keys.js";
import { usePage } from "../../page/page.js";

/** Browsers refuse an address that changes with every key. */
const PAUSE_MS = 150;

interface SearchFieldProps {
  readonly q: string;
  onSearch(q: string): void;
}

export function SearchField({ q, onSearch }: SearchFieldProps) {
  const { client, keys } = usePage();
  const [text, setText] = useState(q);
  const field = useRef<HTMLInputElement>(null);
  const cancel = useRef(() => {});
  const asked = useRef(q);
  useLayoutEffect(() => {
    // Only what came from elsewhere: the own question comes back while the next letter is typed.
    if (q !== asked.current) setText(q);
    asked.current = q;
  }, [q]);
  useLayoutEffect(() => () => cancel.current(), []);
  useKeys(keys, { "/": { label: "Search", run: () => find() } });
  const find = () => {
    field.current?.focus();
    field.current?.select();
  };

  const ask = (next: string) => {
    cancel.current();
    asked.current = next;
    onSearch(next);
  };
  const type = (next: string) => {
    setText(next);
    cancel.current();
    cancel.current = client.clock.after(PAUSE_MS, () => ask(next.trim()));
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.isComposing) return;
    if (event.key === "Enter") return ask(text.trim());
    if (event.key !== "Escape") return;
    event.preventDefault();
    if (text === "") return field.current?.blur();
    setText("");
    ask("");
  };
  return (
    <search class="list-search">
      <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
        <path d="M7 2.5a4.5 4.5 0 1 1 0 9a4.5 4.5 0 1 1 0-9zM10.4 10.4l3.1 3.1" />
      </svg>
      <input
        ref={field}
        type="text"
        enterKeyHint="search"
        class="field"
        data-testid="search"
        aria-label="Search workflows"
        placeholder="Search workflows"
        spellcheck={false}
        autocomplete="off"
        value={text}
        onInput={({ currentTarget }) => type(currentTarget.value)}
        onKeyDown={onKey}
      />
      {keys.isOn.value && text === "" && <kbd>/</kbd>}
    </search>
  );
}
