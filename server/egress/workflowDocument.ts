/** A workflow as a document on its way out: its position, its whole state, and its changes. */
import { isWholeDocument } from "../../shared/json/diff.js";
import type { Position } from "../../shared/schema/position.js";
import type { Changed } from "../../shared/wire/serverMessages.js";
import type { LiveRecord } from "../state/store/record.js";
import { statePatch } from "../state/store/statePatch.js";
import {
  type Audience,
  encodeSnapshot,
  type Frame,
  seenAlike,
  stateText,
  viewFor,
} from "./frames.js";
import { heldBytes } from "./heldBytes.js";
import type { DocumentChange } from "./keptChange.js";

/** Nothing is computed before somebody asks. Not frames yet, it counts as no more than `mostHeld` and a little. */
export function changeOf(before: LiveRecord, after: LiveRecord, mostHeld: number): DocumentChange {
  const { workflow_id, epoch, revision } = after;
  const base = before.revision;
  let isWhole = false;
  return {
    base,
    revision,
    seenAlike: (audience) => seenAlike(audience, [before.state, after.state]),
    message: (audience): Changed | null => {
      // The views differ in a few texts only: where a patch is not worth it for one, it is not for the other.
      if (isWhole) return null;
      const patch = statePatch(viewFor(audience, before.state), viewFor(audience, after.state));
      isWhole = isWholeDocument(patch);
      return isWhole ? null : { type: "changed", workflow_id, epoch, base, revision, patch };
    },
    heldBytes: () => heldBytes(before.state, after.state, mostHeld),
  };
}

/** The position of a workflow's document. Throws where there is no record, as a channel ends before its record does. */
export function positionOf(record: LiveRecord | undefined): Position {
  const { epoch, revision } = present(record);
  return { epoch, revision };
}

/** Its state was serialized once for each revision and audience, whoever asks. */
export function snapshotOf(record: LiveRecord | undefined, audience: Audience): Frame {
  const { workflow_id, epoch, revision, state } = present(record);
  return encodeSnapshot(workflow_id, epoch, revision, stateText(audience, state));
}

/** A channel lives no longer than its document, so a reader always finds one. */
function present(record: LiveRecord | undefined): LiveRecord {
  if (!record) throw new Error("a channel outlived its document");
  return record;
}
