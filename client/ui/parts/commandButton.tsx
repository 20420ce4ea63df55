/** A button that gives a command: with a reason where it cannot, and a question first where one is due. */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { ConfirmDialog } from "./confirmDialog.js";

export interface Question {
  readonly title: string;
  readonly text: string;
  readonly yes: string;
  readonly no: string;
}

interface CommandButtonProps {
  readonly children: ComponentChildren;
  readonly kind?: "primary" | "danger" | undefined;
  readonly testid?: string | undefined;
  /** Why it cannot be pressed now; null where it can. */
  readonly obstacle: string | null;
  readonly question?: Question | undefined;
  /** What went wrong comes back as a sentence. */
  run(): Promise<string | null>;
}

export function CommandButton(props: CommandButtonProps) {
  const { children, kind, testid, obstacle, question, run } = props;
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<string | null>(null);

  async function start() {
    setAsking(false);
    setTrouble(null);
    setBusy(true);
    const wrong = await run();
    setBusy(false);
    setTrouble(wrong);
  }

  return (
    <span class="command">
      <button
        type="button"
        class={`button ${kind ? `is-${kind}` : ""}`}
        data-testid={testid}
        disabled={obstacle !== null || busy}
        title={obstacle ?? (typeof children === "string" ? children : undefined)}
        onClick={() => (question ? setAsking(true) : void start())}
      >
        {children}
      </button>
      {obstacle !== null && <span class="sr-only">{obstacle}</span>}
      {trouble !== null && (
        <span class="command-trouble" role="alert">
          {trouble}
        </span>
      )}
      {asking && question && (
        <ConfirmDialog
          {...question}
          obstacle={obstacle}
          onYes={() => void start()}
          onNo={() => setAsking(false)}
        />
      )}
    </span>
  );
}
