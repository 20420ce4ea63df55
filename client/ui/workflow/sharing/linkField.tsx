/** An address to be sent to somebody: chosen as a whole, and copied also where the browser does not let the page do it. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { copyText } from "../../browser/clipboard.js";
import { usePage } from "../../page/page.js";

interface LinkFieldProps {
  readonly label: string;
  /** As it is said after "Copied": "the link". */
  readonly what: string;
  readonly link: string;
}

const REFUSED = "The browser does not let this page copy. It is selected: copy it from there.";

export function LinkField({ label, what, link }: LinkFieldProps) {
  const { announcer } = usePage();
  const field = useRef<HTMLInputElement>(null);
  const [said, setSaid] = useState<"Copied" | "Not copied" | null>(null);
  const choose = () => {
    field.current?.focus();
    field.current?.select();
  };
  useLayoutEffect(choose, []);
  async function copy() {
    const isCopied = await copyText(link);
    setSaid(isCopied ? "Copied" : "Not copied");
    announcer.say(isCopied ? `Copied ${what}.` : REFUSED);
    if (!isCopied) choose();
  }
  return (
    <div class="share-link-field">
      <label>
        {label}
        <input
          ref={field}
          class="field form-input"
          data-testid="made-link"
          readOnly
          value={link}
          onFocus={({ currentTarget }) => currentTarget.select()}
        />
      </label>
      <button
        type="button"
        class="button is-primary"
        data-testid="copy-link"
        onClick={() => void copy()}
      >
        {said === "Copied" ? "Copied" : "Copy"}
      </button>
      {said === "Not copied" && <p role="alert">{REFUSED}</p>}
    </div>
  );
}
