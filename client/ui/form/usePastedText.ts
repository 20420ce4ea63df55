/** Takes a text that is pasted or dropped into a typed field as it was copied, whichever of the browser's ways it comes by, or refuses it. */
import type { RefObject } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Field } from "../../index.js";
import { readPasted } from "./pastedLines.js";

type Control = HTMLInputElement | HTMLTextAreaElement;

export interface PastedText {
  readonly control: RefObject<Control | null>;
  /** Why the last paste was not taken; null where it was. */
  readonly refusal: string | null;
  /** For the control. */
  readonly on: {
    onPaste(event: ClipboardEvent): void;
    onDrop(event: DragEvent): void;
    onInput(event: Event): void;
  };
}

export function usePastedText(field: Field, onText: (text: string) => void): PastedText {
  const control = useRef<Control>(null);
  const [refusal, setRefusal] = useState<string | null>(null);
  const [caret, setCaret] = useState<number | null>(null);

  useLayoutEffect(() => {
    if (caret === null) return;
    control.current?.focus();
    control.current?.setSelectionRange(caret, caret);
    setCaret(null);
  }, [caret]);

  /** True where the browser must not do it. */
  function take(shown: Control, pasted: string): boolean {
    setRefusal(null);
    const read = readPasted(field, pasted);
    if (read.kind === "line") return false;
    if (read.kind === "refused") {
      setRefusal(read.why);
      return true;
    }
    if (shown instanceof HTMLTextAreaElement) return false;
    const { selectionStart, selectionEnd, value } = shown;
    const from = selectionStart ?? value.length;
    onText(value.slice(0, from) + read.text + value.slice(selectionEnd ?? from));
    setCaret(from + read.text.length);
    return true;
  }

  // Also by ways that are no paste, as from the clipboard row of a phone's keyboard.
  useLayoutEffect(() => {
    const shown = control.current;
    if (!shown) return;
    const onBefore = (event: Event) => {
      const { data, inputType } = event as InputEvent;
      if (!data || inputType === "insertFromPaste" || inputType === "insertFromDrop") return;
      if (take(shown, data)) event.preventDefault();
    };
    shown.addEventListener("beforeinput", onBefore);
    return () => shown.removeEventListener("beforeinput", onBefore);
  });

  const takeFrom = (event: Event, data: DataTransfer | null) => {
    const text = data?.getData("text/plain") ?? "";
    if (take(event.currentTarget as Control, text)) event.preventDefault();
  };
  const on = {
    onPaste: (event: ClipboardEvent) => takeFrom(event, event.clipboardData),
    onDrop: (event: DragEvent) => takeFrom(event, event.dataTransfer),
    onInput(event: Event) {
      setRefusal(null);
      onText((event.currentTarget as Control).value);
    },
  };
  return { control, refusal, on };
}
