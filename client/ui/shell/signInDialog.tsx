/** Asks for the token in a dialog, while workflows are still shown below. */
import { Modal } from "../parts/modal.js";
import { SignIn } from "../parts/signIn.js";

export function SignInDialog({ onClose }: { onClose(): void }) {
  return (
    <Modal
      name="sign-in"
      title="Sign in"
      onClose={onClose}
      choices={
        <button type="button" class="button" onClick={onClose}>
          Not now
        </button>
      }
    >
      <p>The server asks for a token. It is kept for this tab only.</p>
      <SignIn />
    </Modal>
  );
}
