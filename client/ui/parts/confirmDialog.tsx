/** Asks before something that cannot be taken back. */
import { Modal } from "./modal.js";

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
  return (
    <Modal
      name="confirm"
      title={title}
      onClose={onNo}
      choices={
        <>
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
        </>
      }
    >
      <p>{obstacle ?? text}</p>
    </Modal>
  );
}
