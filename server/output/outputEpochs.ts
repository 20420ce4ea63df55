/** Under which epoch a workflow's output is kept: a restored workflow has a new epoch, and its output stays under the old one. */
import { fileNameOf } from "../machine/fileName.js";
import type { WorkflowEpoch } from "./owners.js";

/** The folder of all output, in which each workflow has its own. */
export const LOGS_FOLDER = "logs";

export class OutputEpochs {
  /** By workflow and epoch. */
  readonly #epochs = new Map<string, string>();

  /** From here on the output of `owner` is kept under the epoch `from`. */
  adopt(owner: WorkflowEpoch, from: string): void {
    this.#epochs.set(keyOf(owner), from);
  }

  forget(owner: WorkflowEpoch): void {
    this.#epochs.delete(keyOf(owner));
  }

  folderName({ workflow_id, epoch }: WorkflowEpoch): string {
    const kept = this.#epochs.get(keyOf({ workflow_id, epoch })) ?? epoch;
    return `${fileNameOf(workflow_id)}.${kept}`;
  }
}

/** A space stands in neither. */
const keyOf = ({ workflow_id, epoch }: WorkflowEpoch): string => `${workflow_id} ${epoch}`;
