/** A dialog over the page. The browser's own: it keeps the focus inside and closes on Escape. */
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { ignoreHeldKey } from "../browser/heldKey.js";

interface ModalProps {
  /** Also of its title's id. */
  readonly name: string;
  readonly title: string;
  readonly class?: string;
  readonly children: ComponentChildren;
  /** The buttons at its foot, the harmless one first. The focus goes to what has `data-first`, else to what comes first of all. */
  readonly choices: ComponentChildren;
  onClose(): void;
}

export function Modal({ name, title, class: className, children, choices, onClose }: ModalProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const shown = dialog.current;
    shown?.showModal();
    shown?.querySelector<HTMLElement>("[data-first]")?.focus();
    // Closed rather than just taken away: that gives the focus back to where it was.
    return () => shown?.close();
  }, []);
  const id = `${name}-title`;
  return (
    <dialog
      ref={dialog}
      class={className ? `dialog ${className}` : "dialog"}
      data-testid={`${name}-dialog`}
      aria-labelledby={id}
      onClose={onClose}
      onKeyDown={ignoreHeldKey}
    >
      <h2 id={id}>{title}</h2>
      {children}
      <div class="dialog-choices">{choices}</div>
    </dialog>
  );
}
