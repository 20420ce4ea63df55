/** A button for a command: it opens the question, and the answer to that gives the command. With a reason where it cannot. */
import type { ComponentChildren } from "preact";
import { ignoreHeldKey } from "../browser/heldKey.js";
import { useKeys } from "../browser/keys.js";
import type { Question } from "../page/asking.js";
import { usePage } from "../page/page.js";

interface CommandButtonProps {
  readonly children: ComponentChildren;
  readonly kind?: "primary" | "danger" | "quiet" | undefined;
  readonly testid?: string | undefined;
  /** Why it cannot be pressed now; null where it can. */
  readonly obstacle: string | null;
  readonly question: Question;
  /** Opens the same question. */
  readonly hotkey?: { readonly key: string; readonly label: string } | null | undefined;
}

export function CommandButton(props: CommandButtonProps) {
  const { children, kind, testid, obstacle, question, hotkey } = props;
  const { asking, keys } = usePage();
  const ask = () => asking.ask(question);
  useKeys(
    keys,
    hotkey ? { [hotkey.key]: obstacle === null ? { label: hotkey.label, run: ask } : null } : {},
  );
  return (
    <span class="command">
      <button
        type="button"
        class={`button ${kind ? `is-${kind}` : ""}`}
        data-testid={testid}
        disabled={obstacle !== null}
        title={obstacle ?? (typeof children === "string" ? children : undefined)}
        onKeyDown={ignoreHeldKey}
        onClick={ask}
      >
        {children}
      </button>
      {obstacle !== null && <span class="sr-only">{obstacle}</span>}
    </span>
  );
}
