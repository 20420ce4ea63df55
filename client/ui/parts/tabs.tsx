/** Tabs as the ARIA practices describe them: arrows move between them, one of them is in the order of Tab. */
import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";

export interface Tab<Name extends string> {
  readonly name: Name;
  readonly title: ComponentChildren;
  readonly class?: string;
}

interface TabsProps<Name extends string> {
  readonly label: string;
  readonly tabs: readonly Tab<Name>[];
  readonly chosen: Name;
  onChoose(name: Name): void;
}

export function Tabs<Name extends string>({ label, tabs, chosen, onChoose }: TabsProps<Name>) {
  const list = useRef<HTMLDivElement>(null);
  const move = (event: KeyboardEvent) => {
    const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (by === 0) return;
    event.preventDefault();
    const shown = [
      ...(list.current?.querySelectorAll<HTMLButtonElement>("[role=tab]") ?? []),
    ].filter((one) => one.offsetParent !== null);
    const at = shown.findIndex((one) => one.getAttribute("aria-selected") === "true");
    const next = shown[(at + by + shown.length) % shown.length];
    next?.focus();
    next?.click();
  };
  return (
    <div class="tabs" role="tablist" aria-label={label} ref={list} onKeyDown={move}>
      {tabs.map((tab) => (
        <button
          key={tab.name}
          type="button"
          role="tab"
          id={`tab-${tab.name}`}
          class={tab.class}
          aria-selected={tab.name === chosen}
          aria-controls={tab.name === chosen ? `pane-${tab.name}` : undefined}
          tabIndex={tab.name === chosen ? 0 : -1}
          onClick={() => onChoose(tab.name)}
        >
          {tab.title}
        </button>
      ))}
    </div>
  );
}
