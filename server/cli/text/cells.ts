/** The measure of any text: by what a terminal draws as one character. */
import stringWidth from "string-width";
import type { Measure } from "./measure.js";

const segmenter = new Intl.Segmenter();

export const inCells: Measure = {
  cells: (text) => stringWidth(text),
  head(text, cells) {
    let kept = "";
    let room = cells;
    for (const { segment } of segmenter.segment(text)) {
      room -= stringWidth(segment);
      if (room < 0) break;
      kept += segment;
    }
    return kept;
  },
};
