/**
 * Keys of the page: what is at hand says what its keys do, and `?` lists them.
 *
 *     useKeys(usePage().keys, { j: { label: "Next step", run: next, repeats: true }, c: canCancel ? cancel : null });
 *
 * Keys are named as `KeyboardEvent.key` names them. They hold for as long as the component is there; of the same key what came
 * last wins, and null leaves a key to whoever had it before. Two keys with the same label stand in one line of the list. Nothing
 * is heard while somebody types, while a dialog is open, with Ctrl, Alt or Meta, or where a part has dealt with the key itself
 * (`preventDefault`). Enter, space and arrows stay with the control that has the focus, where it has a use for them.
 */
import { type ReadonlySignal, signal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";

export interface KeyAction {
  readonly label: string;
  /** Again and again while it is held down. */
  readonly repeats?: boolean | undefined;
  run(): void;
}

/** By `KeyboardEvent.key`. */
export type KeyActions = Readonly<Record<string, KeyAction | null>>;

interface Registered {
  readonly actions: { readonly current: KeyActions };
}

const SETTING = "instep.keys";

export interface Keys {
  /** Single keys can be switched off, for those whose voice or hands press some by accident (WCAG 2.1.4). */
  readonly isOn: ReadonlySignal<boolean>;
  switchTo(isOn: boolean): void;
  /** The actions of keys at this moment, the nearest first. */
  known(): readonly { readonly key: string; readonly label: string }[];
  add(registered: Registered): () => void;
  stop(): void;
}

export function createKeys(window: Window, memory: Storage): Keys {
  const isOn = signal(memory.getItem(SETTING) !== "off");
  const all: Registered[] = [];

  const onKey = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.isComposing || isTaken(event)) return;
    if (!isOn.value && isCharacter(event.key)) return;
    const action = all.findLast(({ actions }) => actions.current[event.key])?.actions.current[
      event.key
    ];
    if (!action || (event.repeat && !action.repeats)) return;
    event.preventDefault();
    action.run();
  };
  window.addEventListener("keydown", onKey);
  return {
    isOn,
    switchTo(next) {
      isOn.value = next;
      memory.setItem(SETTING, next ? "on" : "off");
    },
    known() {
      const labels = new Map<string, string>();
      for (const { actions } of all.toReversed()) {
        for (const [key, action] of Object.entries(actions.current)) {
          if (action && !labels.has(key)) labels.set(key, action.label);
        }
      }
      return [...labels].map(([key, label]) => ({ key, label }));
    },
    add(registered) {
      all.push(registered);
      return () => {
        all.splice(all.indexOf(registered), 1);
      };
    },
    stop: () => window.removeEventListener("keydown", onKey),
  };
}

/** For as long as the component is there. */
export function useKeys(keys: Keys, actions: KeyActions): void {
  const current = useRef(actions);
  current.current = actions;
  useLayoutEffect(() => keys.add({ actions: current }), [keys]);
}

const isCharacter = (key: string): boolean => [...key].length === 1;

const TYPED = "input:not([type=checkbox]), textarea, select, [contenteditable]";
const PRESSED = "a[href], button, summary, input, [role=tab], [tabindex='0']";
const SCROLLED = "[role=log], [role=tab], [tabindex='0'], summary";

/** Whether the key belongs to what has the focus. */
function isTaken({ key, target }: KeyboardEvent): boolean {
  if (!(target instanceof Element)) return false;
  if (target.closest(TYPED) || target.ownerDocument.querySelector("dialog[open]")) return true;
  if (key === "Enter" || key === " ") return target.closest(PRESSED) !== null;
  return key.startsWith("Arrow") && target.closest(SCROLLED) !== null;
}
