/** The button that opens what a link to this workflow needs: for who may drive, and not on a page that a link itself has opened. */
import { useState } from "preact/hooks";
import type { ConnectionView, View } from "../../../index.js";
import { usePage } from "../../page/page.js";
import { stateIn } from "../choices/questions.js";
import { ShareDialog } from "./shareDialog.js";

export function ShareButton({ view }: { view: View }) {
  const { connection } = usePage();
  const [isOpen, setOpen] = useState(false);
  const state = stateIn(view);
  if (!state || !mayShare(connection.value)) return null;
  return (
    <>
      <button
        type="button"
        class="button is-small share-button"
        data-testid="share"
        onClick={() => setOpen(true)}
      >
        Share…
      </button>
      {isOpen && (
        <ShareDialog
          key={`${state.workflow_id} ${view.position?.epoch}`}
          state={state}
          epoch={view.position?.epoch}
          onClose={() => setOpen(false)}
        />
      )}
    </>
  );
}

/** Known from the first hello on. Whoever polls is not offered it: nobody has said what they may do. */
const mayShare = ({ can }: ConnectionView): boolean => can.includes("drive");
