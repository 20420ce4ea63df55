/** Asks before something that cannot be taken back. The browser's own dialog: it keeps the focus inside and closes on Escape. */
import { useLayoutEffect, useRef } from "preact/hooks";

interface ConfirmDialogProps {
  readonly title: string;
  readonly text: string;
  readonly yes: string;
  readonly no: string;
  /** Why "yes" cannot be said any more: the link may go while the question stands. */
  readonly obstacle: string | null;
  onYes(): void;
  onNo(): void;
}

export function ConfirmDialog({ title, text, yes, no, obstacle, onYes, onNo }: ConfirmDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const shown = dialog.current;
    shown?.showModal();
    // Closed rather than just taken away: that gives the focus back to the button that asked.
    return () => shown?.close();
  }, []);
  return (
    <dialog ref={dialog} class="dialog" aria-labelledby="dialog-title" onClose={onNo}>
      <h2 id="dialog-title">{title}</h2>
      <p>{obstacle ?? text}</p>
      <div class="dialog-choices">
        {/* The harmless choice comes first, and so has the focus. */}
        <button type="button" class="button" onClick={onNo}>
          {no}
        </button>
        <button
          type="button"
          class="button is-danger"
          data-testid="confirm"
          disabled={obstacle !== null}
          onClick={onYes}
        >
          {yes}
        </button>
      </div>
    </dialog>
  );
}
