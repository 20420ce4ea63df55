/** A workflow without a word, but for what it asks, which unheard would wait for ever, and for a machine that is not reached, without which nothing goes on. */
import { placeNumber } from "../../../shared/state/stepPlace.js";
import type { Output } from "../process/context.js";
import type { Display, ShownWorkflow, WayOn } from "./display.js";
import { newsOf, newsWords } from "./linkPhrases.js";
import { questionLines } from "./questionLines.js";
import { shownStep, shownSteps } from "./shownSteps.js";
import { stepName } from "./stepLine.js";

export function createQuietDisplay(stderr: Output, wayOn: WayOn): Display {
  let told: string | undefined;
  let before: ShownWorkflow | undefined;
  return {
    show(workflow) {
      for (const [index, step] of shownSteps(workflow)) {
        const news = newsOf(shownStep(before, index), step);
        if (news && news.kind !== "taken_up")
          stderr.write(`${placeNumber(index)} ${stepName(step)}: ${newsWords(news)}\n`);
      }
      before = workflow;
      const id = workflow.block_info?.id;
      if (id === told) return;
      told = id;
      for (const line of questionLines(workflow, wayOn)) stderr.write(`${line}\n`);
    },
    note() {},
    close() {},
  };
}
