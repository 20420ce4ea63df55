/** A workflow without a word, but for what it asks: unheard, it would wait for ever. */
import type { Output } from "../process/context.js";
import type { Display, WayOn } from "./display.js";
import { questionLines } from "./questionLines.js";

export function createQuietDisplay(stderr: Output, wayOn: WayOn): Display {
  let told: string | undefined;
  return {
    show(workflow) {
      const id = workflow.block_info?.id;
      if (id === told) return;
      told = id;
      for (const line of questionLines(workflow, wayOn)) stderr.write(`${line}\n`);
    },
    note() {},
    close() {},
  };
}
