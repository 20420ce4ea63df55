/** Rows are selected by their boxes, with shift from the last one on, and with x by keyboard. */
import { useRef, useState } from "preact/hooks";
import { isEnded, type Summary } from "../../../index.js";
import { useKeys } from "../../browser/keys.js";
import { usePage } from "../../page/page.js";

export interface Selection {
  /** Epochs, of what is there and has ended. */
  readonly epochs: ReadonlySet<string>;
  readonly isAll: boolean;
  clear(): void;
  /** All of these, or none where all are selected already. */
  toggleAll(): void;
  readonly on: { onClick(event: MouseEvent): void; onChange(event: Event): void };
}

/** `rows`: as they stand on the page. */
export function useSelection(rows: readonly Summary[], canSelect: boolean): Selection {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const last = useRef<string | null>(null);
  const isShift = useRef(false);
  const able = canSelect ? rows.filter(({ status }) => isEnded(status)) : [];
  // A row that is not shown any more is not cleared either: nobody sees it.
  const epochs = new Set(able.map(({ epoch }) => epoch).filter((epoch) => chosen.has(epoch)));

  const toggle = (epoch: string, toRange: boolean) => {
    const isOn = !epochs.has(epoch);
    const [from, to] = [placeIn(able, last.current), placeIn(able, epoch)];
    if (to === -1) return;
    const range =
      toRange && from !== -1 ? able.slice(Math.min(from, to), Math.max(from, to) + 1) : [able[to]!];
    const next = new Set(epochs);
    for (const one of range) {
      if (isOn) next.add(one.epoch);
      else next.delete(one.epoch);
    }
    last.current = epoch;
    setChosen(next);
  };
  const focused = () => epochOf(document.activeElement);
  useKeys(usePage().keys, {
    x: canSelect
      ? { label: "Select the workflow", run: () => toggle(focused() ?? "", false) }
      : null,
    X: canSelect
      ? { label: "Select up to this workflow", run: () => toggle(focused() ?? "", true) }
      : null,
    Escape: epochs.size > 0 ? { label: "Select nothing", run: () => setChosen(new Set()) } : null,
  });
  return {
    epochs,
    isAll: able.length > 0 && epochs.size === able.length,
    clear: () => setChosen(new Set()),
    toggleAll: () =>
      setChosen(epochs.size === able.length ? new Set() : new Set(able.map(({ epoch }) => epoch))),
    on: {
      onClick: ({ shiftKey }) => {
        isShift.current = shiftKey;
      },
      onChange: ({ target }) => {
        if (!(target instanceof HTMLInputElement) || target.dataset.testid !== "select") return;
        const epoch = epochOf(target);
        if (epoch !== null) toggle(epoch, isShift.current);
      },
    },
  };
}

const placeIn = (rows: readonly Summary[], epoch: string | null): number =>
  rows.findIndex((row) => row.epoch === epoch);

const epochOf = (element: Element | null): string | null =>
  element?.closest<HTMLElement>("[data-epoch]")?.dataset.epoch ?? null;
