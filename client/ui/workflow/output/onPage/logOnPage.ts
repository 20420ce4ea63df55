/** The part of an output that is on the page, as one value for everything that draws it. */
import type { LogEnd } from "../../../../index.js";
import type { CountState } from "../lines/lineCount.js";
import type { DrawnRange } from "./drawnPart.js";
import type { OutputBlock } from "./logWindow.js";

export interface LogOnPage {
  readonly blocks: readonly OutputBlock[];
  /** Those of them that are drawn already, or while they come faster than they could be read. */
  readonly drawn: DrawnRange;
  /** Added to a line's count it gives its number in the output; null while nobody counted. */
  readonly base: number | null;
  readonly numbers: CountState;
  /** Lines that ended since it is looked at. */
  readonly total: number;
  /** Whether what is printed now comes here; otherwise newer lines are read by REST. */
  readonly isAtEnd: boolean;
  /** More was told of than is here: it is not shown as fast as it comes. */
  readonly isBehind: boolean;
  /** "unreadable": what stands before cannot be joined to this. */
  readonly older: "some" | "none" | "unreadable";
  readonly loading: "older" | "newer" | "place" | null;
  readonly trouble: string | null;
  /** Whether this is all of it; null while more may come. */
  readonly end: LogEnd["reason"] | null;
  /** The last line has not ended yet. */
  readonly isOpen: boolean;
  /** Bytes. */
  readonly size: number;
}

export const NOTHING_ON_PAGE: LogOnPage = {
  blocks: [],
  drawn: { from: 0, to: 0 },
  base: null,
  numbers: "none",
  total: 0,
  isAtEnd: true,
  isBehind: false,
  older: "none",
  loading: null,
  trouble: null,
  end: null,
  isOpen: false,
  size: 0,
};

/** Where the reader is in what is drawn. */
export interface Reading {
  readonly isFollowing: boolean;
  /** Decides at which end lines are cut. */
  readonly isAtStart: boolean;
  /** The block in view; null for the end. */
  readonly block: number | null;
  /** How many windows high what is drawn is; null where that is not known. */
  readonly screens: number | null;
}
