/** Searches by an expression apart from the page, so that one that would never come back holds up nobody. */
import { type PatternQuestion, patternRanges } from "./patternRanges.js";

self.addEventListener("message", ({ data }: MessageEvent<PatternQuestion>) => {
  self.postMessage(patternRanges(data));
});
