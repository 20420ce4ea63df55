/** Holds the rows still while somebody points at them or walks through them by keyboard. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Summary } from "../../index.js";

export interface Hold {
  /** The rows that are held, in their order; null while none are. */
  readonly held: readonly Summary[] | null;
  /** Takes up what came meanwhile, and holds that. */
  renew(): void;
  readonly on: {
    onPointerEnter(): void;
    onPointerLeave(event: PointerEvent): void;
    onFocusIn(): void;
    onFocusOut(event: FocusEvent): void;
  };
}

type Holder = "pointer" | "focus";

/** `filter` names what the list is asked for: another question holds nothing of the old answer. */
export function useHold(filter: string, shown: () => readonly Summary[]): Hold {
  const holders = useRef(new Set<Holder>());
  const [hold, setHold] = useState<{ filter: string; rows: readonly Summary[] } | null>(null);

  const take = () => setHold({ filter, rows: shown() });
  const hands = (holder: Holder, isOn: boolean) => {
    const wasHeld = holders.current.size > 0;
    if (isOn) holders.current.add(holder);
    else holders.current.delete(holder);
    if (!wasHeld && isOn) take();
    else if (holders.current.size === 0) setHold(null);
  };
  // Another question under a pointer that rests there: its answer is held from now on.
  useLayoutEffect(() => {
    if (holders.current.size > 0) take();
  }, [filter]);
  return {
    held: hold?.filter === filter ? hold.rows : null,
    renew() {
      if (holders.current.size > 0) take();
      else setHold(null);
    },
    on: {
      onPointerEnter: () => hands("pointer", true),
      onPointerLeave(event) {
        // A finger that was lifted comes back to where it was.
        if (event.pointerType !== "touch") hands("pointer", false);
      },
      onFocusIn: () => hands("focus", true),
      onFocusOut(event) {
        const to = event.relatedTarget;
        const list = event.currentTarget;
        if (to instanceof Node && list instanceof Node && list.contains(to)) return;
        hands("focus", false);
      },
    },
  };
}
