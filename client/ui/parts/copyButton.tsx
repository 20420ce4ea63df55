/** Puts a text on the clipboard, and says on the button whether that was done. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { copyText, type TextToCopy } from "../browser/clipboard.js";
import { usePage } from "../page/page.js";

interface CopyButtonProps {
  /** Asked for within the click. */
  readonly text: string | (() => TextToCopy);
  /** As it is said after "Copied": "the id". */
  readonly what: string;
  /** "Copy" where missing: then `what` is said to those who do not see what stands beside it. */
  readonly label?: string;
  readonly title?: string;
  readonly class?: string;
  readonly testid?: string;
}

/** Some browsers give no focus to a button that was clicked, and so take none away. */
const SAID_FOR_MS = 20_000;

export function CopyButton(props: CopyButtonProps) {
  const { text, what, label = "Copy", title, class: className = "button is-small", testid } = props;
  const { announcer, client } = usePage();
  const [said, setSaid] = useState<string | null>(null);
  /** A text that came too late to be copied; the next press has it at hand. */
  const late = useRef<string | null>(null);

  const forget = () => {
    late.current = null;
    setSaid(null);
  };
  useLayoutEffect(
    () => (said === null ? undefined : client.clock.after(SAID_FOR_MS, forget)),
    [said],
  );
  const tell = (next: string, aloud: string) => {
    setSaid(next);
    announcer.say(aloud);
  };
  async function copy() {
    const asked = late.current ?? (typeof text === "string" ? text : text());
    late.current = null;
    try {
      if (await copyText(asked)) return tell("Copied", `Copied ${what}.`);
    } catch {
      return tell("Not copied", "Not copied: it could not be read from the server.");
    }
    if (typeof asked === "string") return tell("Not copied", "Not copied: the browser refused.");
    late.current = await asked;
    tell("Not copied: press again", "Not copied yet: press again.");
  }
  return (
    <button
      type="button"
      class={className}
      title={title}
      aria-label={props.label === undefined ? `${said ?? label} ${what}` : undefined}
      data-testid={testid}
      onClick={() => void copy()}
      onBlur={forget}
    >
      {said ?? label}
    </button>
  );
}
