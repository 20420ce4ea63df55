/** The shapes of the statuses on a 16 by 16 grid. Each differs from the others without its colour; the icon of the tab draws the same ones. */
import type { Tone } from "./status.js";

export interface Shape {
  /** Filled with the tone; `mark` is cut out of it. Otherwise drawn as a line. */
  readonly solid: boolean;
  readonly body: string;
  readonly mark: string;
}

const RING = "M8 1.75a6.25 6.25 0 1 1 0 12.5a6.25 6.25 0 1 1 0-12.5z";

export const SHAPES: Record<Tone, Shape> = {
  pending: { solid: false, body: RING, mark: "" },
  running: { solid: false, body: RING, mark: "M6.6 5.2v5.6L11.2 8z" },
  blocked: {
    solid: true,
    body: "M4 1h8a3 3 0 0 1 3 3v8a3 3 0 0 1-3 3H4a3 3 0 0 1-3-3V4a3 3 0 0 1 3-3z",
    mark: "M5.9 6.1a2.1 2.1 0 1 1 3.1 1.9c-.7.4-1 .8-1 1.5M8 11.9v.01",
  },
  completed: {
    solid: true,
    body: "M8 1a7 7 0 1 1 0 14A7 7 0 1 1 8 1z",
    mark: "M4.9 8.3l2.1 2.1 4.1-4.6",
  },
  failed: {
    solid: true,
    body: "M5 1h6l4 4v6l-4 4H5l-4-4V5z",
    mark: "M5.6 5.6l4.8 4.8M10.4 5.6l-4.8 4.8",
  },
  cancelled: {
    solid: true,
    body: "M3.5 2.5h9a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1h-9a1 1 0 0 1-1-1v-9a1 1 0 0 1 1-1z",
    mark: "",
  },
  retrying: { solid: false, body: "M13.2 5.2A6 6 0 1 0 14 8.6", mark: "M13.6 1.8v3.7H9.9" },
  // A chain between whose links there is nothing any more.
  unlinked: {
    solid: false,
    body: "M5.6 4.8H4.7a3.2 3.2 0 0 0 0 6.4h.9M10.4 4.8h.9a3.2 3.2 0 0 1 0 6.4h-.9",
    mark: "M6.9 1.6l.5 2M9.1 14.4l-.5-2M9.1 1.6l-.5 2M6.9 14.4l.5-2",
  },
  skipped: { solid: false, body: RING, mark: "M3.8 12.2l8.4-8.4" },
  interrupted: {
    solid: true,
    body: "M7.1 1.5L.8 13a1 1 0 0 0 .9 1.5h12.6a1 1 0 0 0 .9-1.5L8.9 1.5a1 1 0 0 0-1.8 0z",
    mark: "M8 5.6v4M8 12v.01",
  },
};
