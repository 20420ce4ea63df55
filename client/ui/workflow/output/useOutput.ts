/** Follows the output of one attempt for as long as it is shown. */
import { useLayoutEffect, useState } from "preact/hooks";
import type { InstepClient, LogEnd } from "../../../index.js";
import { usePage } from "../../page.js";
import { createOutputLines, type OutputPicture } from "./outputLines.js";

/** From the start of a line; what came before is a link away. */
const TAIL_BYTES = 256 * 1024;
/** A fast command must not make the page draw each of its lines by itself. */
const DRAW_EVERY_MS = 100;

export interface ShownOutput {
  readonly picture: OutputPicture;
  /** The offset of the first byte shown; null before anything came. */
  readonly from: number | null;
  /** Whether this is all of it; null while more may come. */
  readonly end: LogEnd["reason"] | null;
}

const NOTHING: ShownOutput = {
  picture: { blocks: [], total: 0, dropped: 0 },
  from: null,
  end: null,
};

export function useOutput(workflow_id: string, step: number, attempt: number): ShownOutput {
  const { client } = usePage();
  const [shown, setShown] = useState(NOTHING);
  // A layout effect, because plain effects wait for a frame, and a hidden tab has none.
  useLayoutEffect(() => {
    setShown(NOTHING);
    return follow(client, { workflow_id, step, attempt }, setShown);
  }, [client, workflow_id, step, attempt]);
  return shown;
}

interface Place {
  readonly workflow_id: string;
  readonly step: number;
  readonly attempt: number;
}

function follow(
  client: InstepClient,
  { workflow_id, step, attempt }: Place,
  show: (shown: ShownOutput) => void,
): () => void {
  const lines = createOutputLines();
  let from: number | null = null;
  let end: LogEnd["reason"] | null = null;
  let cancelDraw: (() => void) | null = null;
  let isDue = false;

  const draw = () => {
    isDue = false;
    show({ picture: lines.picture(), from, end });
    cancelDraw = client.clock.after(DRAW_EVERY_MS, () => {
      cancelDraw = null;
      if (isDue) draw();
    });
  };
  const drawSoon = () => {
    isDue = true;
    if (!cancelDraw) draw();
  };

  const stop = client.followLog(
    workflow_id,
    step,
    { attempt, tail: TAIL_BYTES },
    {
      piece: (piece) => {
        from ??= piece.from - piece.skipped;
        end = null;
        lines.add(piece);
        drawSoon();
      },
      end: ({ reason }) => {
        end = reason;
        drawSoon();
      },
    },
  );
  return () => {
    stop();
    cancelDraw?.();
  };
}
