/** What a command's output says of its progress, put into the picture of its step. */
import type { OutputWords } from "./reading/outputReader.js";
import type { StepPicture } from "./stepUpdates.js";

export const wordsInto = (picture: StepPicture): OutputWords => ({
  marker: (marker) => {
    switch (marker.kind) {
      case "progress":
        return picture.progress(marker.percent / 100, marker.text);
      case "task":
        return picture.task(marker.name, marker.status, marker.note);
      case "note":
        return picture.note(marker.text);
      case "error":
      case "group":
      case "endgroup":
      case "output":
        return;
    }
  },
  progress: (part) => picture.progress(part),
  line: (line) => picture.printed(line),
});
