/** What one attempt of a step printed, and prints now. */
import { Component } from "preact";
import { useRef } from "preact/hooks";
import type { Step } from "../../../index.js";
import { useFollowTail } from "./followTail.js";
import type { OutputBlock } from "./outputLines.js";
import { useOutput } from "./useOutput.js";
import { WholeOutput } from "./wholeOutput.js";

export interface OutputViewProps {
  readonly workflow_id: string;
  readonly step: Step;
}

export function OutputView({ workflow_id, step }: OutputViewProps) {
  const attempt = step.attempt ?? 1;
  const { picture, from, end } = useOutput(workflow_id, step.index, attempt);
  const log = useRef<HTMLDivElement>(null);
  const isAtWork = step.status === "in_progress";
  const { isFollowing, leftAt, follow } = useFollowTail(log, picture.total, isAtWork, picture);
  const isCut = (from ?? 0) > 0 || picture.dropped > 0;
  const newLines = picture.total - leftAt;
  const place = { workflow_id, step: step.index, attempt };
  return (
    <div class="output">
      <div class="output-tools">
        <button
          type="button"
          class="button is-small"
          aria-pressed={isFollowing}
          onClick={follow}
          title="Keep the newest line in view (f, G, End)"
        >
          Follow
        </button>
        <WholeOutput {...place}>Whole output</WholeOutput>
      </div>
      <div
        ref={log}
        class="output-log"
        role="log"
        aria-label={`Output of ${step.title ?? step.action}`}
        aria-live="off"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
        tabIndex={0}
        data-testid="output"
        data-end={end ?? ""}
      >
        <div class="output-lines">
          {isCut && (
            <p class="output-notice">
              Only the newest lines are here. <WholeOutput {...place}>Show earlier</WholeOutput>
            </p>
          )}
          {picture.total === 0 && <p class="output-notice">{emptyText(end, isAtWork)}</p>}
          {picture.blocks.map((block) => (
            <Block key={block.id} block={block} />
          ))}
        </div>
      </div>
      {!isFollowing && newLines > 0 && isAtWork && (
        <button type="button" class="output-pill" data-testid="new-lines" onClick={follow}>
          ↓ {newLines} new {newLines === 1 ? "line" : "lines"}
        </button>
      )}
    </div>
  );
}

/** A full block stays the same object, and is not drawn again. */
class Block extends Component<{ block: OutputBlock }> {
  override shouldComponentUpdate(next: { block: OutputBlock }): boolean {
    return next.block !== this.props.block;
  }

  override render({ block }: { block: OutputBlock }) {
    return (
      <div class="output-block">
        {block.lines.map(({ text, kind }, index) => (
          <div key={index} class={kind === "notice" ? "output-line output-notice" : "output-line"}>
            {text}
          </div>
        ))}
      </div>
    );
  }
}

function emptyText(end: string | null, isAtWork: boolean): string {
  if (end === "cleared") return "Cleared with its workflow.";
  return end === null && isAtWork ? "Nothing printed yet." : "It printed nothing.";
}
