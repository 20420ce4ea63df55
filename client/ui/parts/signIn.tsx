/** A field for the token. The page starts afresh with it: nothing of what was shown before may stay. */
import { useId, useState } from "preact/hooks";
import { keepToken } from "../browser/token.js";
import { usePage } from "../page/page.js";

export function SignIn() {
  const { client, memory, hasToken } = usePage();
  const [token, setToken] = useState("");
  const id = useId();
  const signIn = (event: Event) => {
    event.preventDefault();
    if (token.trim() === "") return;
    keepToken(memory, token.trim());
    window.location.reload();
  };
  return (
    <form class="sign-in" data-testid="sign-in" onSubmit={signIn}>
      {hasToken && <p role="alert">{client.connection.problem}</p>}
      <label for={id}>Token</label>
      <div class="sign-in-line">
        <input
          id={id}
          type="password"
          class="field"
          autocomplete="current-password"
          spellcheck={false}
          value={token}
          onInput={({ currentTarget }) => setToken(currentTarget.value)}
        />
        <button type="submit" class="button is-primary">
          Sign in
        </button>
      </div>
    </form>
  );
}
