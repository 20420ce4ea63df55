/** Some lines of a log, drawn as text and nothing else. What did not change is not drawn again. */
import { Component } from "preact";
import { numberOf } from "../lines/lineCount.js";
import { severityIn } from "../lines/lineSeverity.js";
import { keyOf, type OutputLine } from "../lines/outputLines.js";
import type { Range } from "../lines/stretches.js";
import type { OutputBlock } from "../onPage/logWindow.js";
import type { BlockTimes, ShownTime } from "../times/shownTimes.js";
import type { Group } from "./groups.js";
import { LineText } from "./lineText.js";
import { MarkerLine } from "./markerLine.js";

export interface LineBlockProps {
  readonly block: OutputBlock;
  readonly base: number | null;
  /** The address of the log; a line's own has `#L<number>` behind it. */
  readonly address: string;
  /** The lines of the address that are in this block. */
  readonly selected: { readonly from: number; readonly to: number } | null;
  /** The matches in this block. */
  readonly ranges: ReadonlyMap<string, readonly Range[]> | null;
  /** The match that the reader is at; the name of the line alone for a line without one. */
  readonly current: { readonly key: string; readonly index: number | null } | null;
  /** The name of the line that says why it failed, where it is in this block. */
  readonly why: string | null;
  /** The name of the last line, where that has not ended. */
  readonly live: string | null;
  /** The group the block begins in, and those that begin in it. */
  readonly groups: BlockGroups;
  /** Null while no times are shown. */
  readonly times: BlockTimes | null;
}

export interface BlockGroups {
  readonly within: string | null;
  readonly starts: ReadonlyMap<string, Group>;
  isOpen(id: string): boolean;
  toggle(id: string): void;
  /** Other groups or other ones open: another text. */
  readonly signature: string;
}

const SAME = ["block", "base", "address", "ranges", "why", "live", "times"] as const;

export class LineBlock extends Component<LineBlockProps> {
  override shouldComponentUpdate(next: LineBlockProps): boolean {
    const { props } = this;
    return (
      SAME.some((name) => props[name] !== next[name]) ||
      props.groups.signature !== next.groups.signature ||
      props.selected?.from !== next.selected?.from ||
      props.selected?.to !== next.selected?.to ||
      props.current?.key !== next.current?.key ||
      props.current?.index !== next.current?.index
    );
  }

  override render({ block, groups, times, ...line }: LineBlockProps) {
    let within = groups.within;
    const rows = [];
    for (const [index, one] of block.lines.entries()) {
      const key = keyOf(one);
      const isStart = one.marker?.kind === "group";
      const group = (isStart && groups.starts.get(key)) || null;
      if (isStart) within = group?.id ?? null;
      const isHidden = !isStart && within !== null && !groups.isOpen(within);
      if (one.marker?.kind === "endgroup") within = null;
      if (isHidden) continue;
      const time = times?.[index];
      rows.push(<Line key={key} {...{ line: one, ...line, group, groups, time }} />);
    }
    // A block that is not drawn yet is nearly this high.
    const style = { containIntrinsicHeight: `auto calc(${rows.length} * var(--lh-log))` };
    return (
      <div class="output-block" style={style} data-block={block.id}>
        {rows}
      </div>
    );
  }
}

interface LineProps extends Omit<LineBlockProps, "block" | "times"> {
  readonly line: OutputLine;
  readonly group: Group | null;
  /** Undefined while no times are shown; null where there is none to show. */
  readonly time: ShownTime | null | undefined;
}

function Line(props: LineProps) {
  const { line, group, groups, base, address, selected, ranges, current, why, live, time } = props;
  const key = keyOf(line);
  if (line.kind === "gap") {
    return (
      <div class="output-line output-notice" data-key={key}>
        {line.text}
      </div>
    );
  }
  const number = line.part === 0 ? numberOf(line, base) : null;
  const whole = line.kind === "text" ? numberOf(line, base) : null;
  const isCurrent = current?.key === key;
  const names = ["output-line"];
  if (line.marker) names.push("is-marker", `is-${line.marker.kind}`);
  if (selected && whole !== null && whole >= selected.from && whole <= selected.to)
    names.push("is-selected");
  if (isCurrent) names.push("is-current");
  if (why === key) names.push("is-why");
  if (live === key) names.push("is-live");
  const severity = severityIn(line);
  if (severity !== null) names.push(`is-${severity}`);
  if (time?.day != null) names.push("is-day");
  const found = ranges?.get(key) ?? [];
  return (
    <div class={names.join(" ")} data-key={key} data-day={time?.day ?? undefined}>
      {number !== null ? (
        // Thousands of stops for the Tab key would be none: `y` copies a link as well.
        // biome-ignore lint/a11y/useAnchorContent: the style sheet draws the number, so that it is not copied with the text
        <a
          class="output-number"
          href={`${address}#L${number}`}
          data-number={number}
          tabIndex={-1}
          aria-label={why === key ? `Line ${number}, why it failed` : `Line ${number}`}
        />
      ) : (
        <span class="output-number" />
      )}
      {time !== undefined && (
        <span class="output-time" data-time={time?.text} title={time?.title} />
      )}
      <span class="output-text">
        {line.marker && found.length === 0 ? (
          <MarkerLine
            marker={line.marker}
            group={group}
            isOpen={group !== null && groups.isOpen(group.id)}
            toggle={() => group && groups.toggle(group.id)}
          />
        ) : (
          <LineText line={line} ranges={found} current={isCurrent ? current.index : null} />
        )}
      </span>
    </div>
  );
}
