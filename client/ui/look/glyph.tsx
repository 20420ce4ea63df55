/** The glyph of a status. Decoration: the word always stands beside it or in the accessible name. */
import { SHAPES } from "./shapes.js";
import { lookOf } from "./status.js";

interface GlyphProps {
  readonly status: string;
  /** 0 to 1: a running ring fills up. */
  readonly progress?: number | null | undefined;
}

export function Glyph({ status, progress }: GlyphProps) {
  const { tone } = lookOf(status);
  const shape = SHAPES[tone];
  return (
    <svg class={`glyph tone-${tone}`} viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      <path class={shape.solid ? "glyph-solid" : "glyph-line"} d={shape.body} />
      {tone === "running" && typeof progress === "number" && (
        <path
          class="glyph-arc"
          d={shape.body}
          pathLength={100}
          stroke-dasharray={`${Math.round(progress * 100)} 100`}
        />
      )}
      {shape.mark !== "" && (
        <path class={shape.solid ? "glyph-cut" : `glyph-mark glyph-mark-${tone}`} d={shape.mark} />
      )}
    </svg>
  );
}

/** Glyph and word together, in the colour of the status. */
export function StatusBadge({ status, progress }: GlyphProps) {
  const { tone, word } = lookOf(status);
  return (
    <span class={`badge tone-${tone}`}>
      <Glyph status={status} progress={progress} />
      <span class="badge-word">{word}</span>
    </span>
  );
}
