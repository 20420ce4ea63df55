/** Says that the server cannot save, for as long as that is so: the page shows the last saved state, and no command takes effect. */
import { useLayoutEffect, useRef } from "preact/hooks";
import type { StorageReason } from "../../index.js";
import { Glyph } from "../look/glyph.js";
import { isInStep } from "../page/inStep.js";
import { usePage } from "../page/page.js";

const WHY: Readonly<Record<StorageReason, string>> = {
  disk_full: "its disk is full",
  read_only: "its disk can only be read",
  too_many_files: "it has too many files open",
  not_allowed: "it may not write to its data folder",
  gone: "its data folder is gone",
  taken_over: "its data folder was taken from it",
  disk_fails: "its disk fails",
};

export function StorageBar() {
  const { connection, announcer } = usePage();
  const reason = isInStep(connection.value) ? connection.value.cannotSave : null;
  const isTold = useRef(false);
  useLayoutEffect(() => {
    if (reason !== null) announcer.warn(`The server cannot save: ${WHY[reason]}.`);
    else if (isTold.current) announcer.say("The server saves again.");
    isTold.current = reason !== null;
  }, [reason, announcer]);
  if (reason === null) return null;
  return (
    <aside class="banner dock tone-failed" data-testid="cannot-save" aria-label="The server’s disk">
      <Glyph status="failed" />
      <div class="banner-body">
        <p>
          <strong>The server cannot save: {WHY[reason]}.</strong>{" "}
          <span>What you see is the last that was saved. What is reported now is refused.</span>
        </p>
      </div>
    </aside>
  );
}
