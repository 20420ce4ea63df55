/** Under whose name output is kept: a restored life's under that of the life that began it. */
import { fileNameOf } from "../machine/fileName.js";
import type { Life } from "./owners.js";

export class OutputLives {
  readonly #epochs = new Map<string, string>();

  /** From here on the output of `life` is that of the epoch `from`. */
  adopt(life: Life, from: string): void {
    this.#epochs.set(nameOf(life), from);
  }

  forget(life: Life): void {
    this.#epochs.delete(nameOf(life));
  }

  folderName({ workflow_id, epoch }: Life): string {
    const kept = this.#epochs.get(nameOf({ workflow_id, epoch })) ?? epoch;
    return nameOf({ workflow_id, epoch: kept });
  }
}

const nameOf = ({ workflow_id, epoch }: Life): string => `${fileNameOf(workflow_id)}.${epoch}`;
