/** The patch from one state to the next, made once for all who write it: to the disk and to the network. */
import { diff } from "../../../shared/json/diff.js";
import type { PatchOperation } from "../../../shared/json/patch.js";
import type { WorkflowState } from "../../../shared/schema/workflow.js";

interface Known {
  /** Weak, so that a state does not keep all states before it. */
  readonly before: WeakRef<WorkflowState>;
  readonly patch: PatchOperation[];
}

/** By the state that the patch leads to. */
const patches = new WeakMap<WorkflowState, Known>();
const texts = new WeakMap<readonly PatchOperation[], string>();

/** Above this, a text is made anew for each who asks: a state lives long, and would keep it. */
const MOST_KEPT_CHARACTERS = 16 * 1024;

/** As `diff` gives it. It is everybody's, and nobody may change it. */
export function statePatch(before: WorkflowState, after: WorkflowState): PatchOperation[] {
  const known = patches.get(after);
  if (known && known.before.deref() === before) return known.patch;
  const patch = diff(before, after);
  patches.set(after, { before: new WeakRef(before), patch });
  return patch;
}

/** A patch as JSON. */
export function patchText(patch: readonly PatchOperation[]): string {
  const known = texts.get(patch);
  if (known !== undefined) return known;
  const text = JSON.stringify(patch);
  if (text.length <= MOST_KEPT_CHARACTERS) texts.set(patch, text);
  return text;
}
