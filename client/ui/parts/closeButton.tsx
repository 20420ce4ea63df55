/** The cross that puts a notice away. */
interface CloseButtonProps {
  readonly disabled?: boolean;
  onClose(): void;
}

export function CloseButton({ disabled = false, onClose }: CloseButtonProps) {
  return (
    <button
      type="button"
      class="notice-close"
      aria-label="Dismiss"
      disabled={disabled}
      onClick={onClose}
    >
      <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
        <path d="M4 4l8 8M12 4l-8 8" />
      </svg>
    </button>
  );
}
