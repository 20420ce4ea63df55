/** Under which epoch a workflow's output is kept: a restored workflow has a new epoch, and its output stays under the old one. */
import { fileNameOf } from "../machine/fileName.js";
import type { WorkflowEpoch } from "./owners.js";

export class OutputEpochs {
  readonly #epochs = new Map<string, string>();

  /** From here on the output of `owner` is kept under the epoch `from`. */
  adopt(owner: WorkflowEpoch, from: string): void {
    this.#epochs.set(nameOf(owner), from);
  }

  forget(owner: WorkflowEpoch): void {
    this.#epochs.delete(nameOf(owner));
  }

  folderName({ workflow_id, epoch }: WorkflowEpoch): string {
    const kept = this.#epochs.get(nameOf({ workflow_id, epoch })) ?? epoch;
    return nameOf({ workflow_id, epoch: kept });
  }
}

const nameOf = ({ workflow_id, epoch }: WorkflowEpoch): string =>
  `${fileNameOf(workflow_id)}.${epoch}`;
