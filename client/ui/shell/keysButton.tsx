/** The button that lists what every key does. */
import { useState } from "preact/hooks";
import { useKeys } from "../browser/keys.js";
import { usePage } from "../page/page.js";
import { Later } from "./laterViews.js";

/** Opens the list: by a click for everyone, by `?` where keys are on. */
export function KeysButton() {
  const { keys } = usePage();
  const [isOpen, setOpen] = useState(false);
  const open = () => setOpen(true);
  useKeys(keys, { "?": { label: "Show the keys", run: open } });
  return (
    <>
      <button
        type="button"
        class="top-button top-keys"
        data-testid="keys"
        aria-label="Keys"
        onClick={open}
      >
        <kbd>?</kbd>
        <span class="top-word">Keys</span>
      </button>
      {isOpen && <Later>{({ KeysDialog }) => <KeysDialog onClose={() => setOpen(false)} />}</Later>}
    </>
  );
}
