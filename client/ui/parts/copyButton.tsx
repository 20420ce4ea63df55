/** Puts a text on the clipboard, and says so. */
import { useState } from "preact/hooks";
import { usePage } from "../page.js";

export function CopyButton({ text, what }: { text: string; what: string }) {
  const { announcer } = usePage();
  const [said, setSaid] = useState("Copy");
  async function copy() {
    try {
      // Missing where the page is not served securely.
      await navigator.clipboard.writeText(text);
      setSaid("Copied");
      announcer.say(`${what} copied.`);
    } catch {
      setSaid("Select and copy");
    }
  }
  return (
    <button
      type="button"
      class="button is-small"
      aria-label={`${said} ${what}`}
      onClick={() => void copy()}
      onBlur={() => setSaid("Copy")}
    >
      {said}
    </button>
  );
}
