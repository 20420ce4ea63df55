/** The button that sends a form: it waits while nothing can be sent, and a held key does not press it. */
import { ignoreHeldKey } from "../browser/heldKey.js";
import type { Sending } from "./useSending.js";

interface SubmitButtonProps {
  readonly testid: string;
  readonly label: string;
  /** The label while an answer is awaited. */
  readonly busy: string;
  readonly sending: Pick<Sending, "isSending" | "isArmed" | "obstacle">;
}

export function SubmitButton({ testid, label, busy, sending }: SubmitButtonProps) {
  const { isSending, isArmed, obstacle } = sending;
  return (
    <button
      type="submit"
      class="button is-primary"
      data-testid={testid}
      disabled={obstacle !== null || isSending || !isArmed}
      onKeyDown={ignoreHeldKey}
      title={obstacle ?? undefined}
    >
      {isSending ? busy : label}
    </button>
  );
}
