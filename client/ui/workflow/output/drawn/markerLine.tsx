/** A line by which a command says more than text, drawn quietly: a group to fold, progress, a task, a note. */
import type { Marker, TaskStatus } from "../../../../index.js";
import { LinkedText } from "../../../parts/textLink.js";
import type { Group } from "./groups.js";

interface MarkerLineProps {
  readonly marker: Marker;
  readonly group: Group | null;
  readonly isOpen: boolean;
  toggle(): void;
}

const TASK_WORDS: Readonly<Record<TaskStatus, string>> = {
  pending: "waits",
  in_progress: "begun",
  completed: "done",
  failed: "failed",
  skipped: "skipped",
};

export function MarkerLine({ marker, group, isOpen, toggle }: MarkerLineProps) {
  switch (marker.kind) {
    case "progress":
      return (
        <span class="output-quiet">
          {marker.percent} %{marker.text && <LinkedText text={` · ${marker.text}`} />}
        </span>
      );
    case "task":
      return (
        <span class={marker.status === "failed" ? "output-quiet in-red" : "output-quiet"}>
          {marker.name}: {TASK_WORDS[marker.status]}
          {marker.note && <LinkedText text={` · ${marker.note}`} />}
        </span>
      );
    case "error":
      return (
        <span class="output-quiet in-red">
          <LinkedText text={marker.text} />
        </span>
      );
    case "note":
      return (
        <span class="output-quiet">
          <LinkedText text={marker.text} />
        </span>
      );
    case "output":
      return (
        <span class="output-quiet">
          <LinkedText text={`${marker.name} = ${marker.value}`} />
        </span>
      );
    case "endgroup":
      return <span class="sr-only">End of group</span>;
    case "group":
      return (
        <button type="button" class="output-group" aria-expanded={isOpen} onClick={toggle}>
          {marker.title}
          {!isOpen && group && (
            <span class="output-quiet">
              {" "}
              ({group.lines.toLocaleString("en")} {group.lines === 1 ? "line" : "lines"})
            </span>
          )}
        </button>
      );
  }
}
