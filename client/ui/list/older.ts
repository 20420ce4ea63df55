/** Older workflows, which the followed list does not hold: what the page knows of them. */
import type { Summary } from "../../index.js";

export interface Older {
  /** Those that the followed list does not hold, by epoch. */
  readonly workflows: Readonly<Record<string, Summary>>;
  /** How many of them fit in each status, whatever was asked for. */
  readonly counts: Readonly<Record<string, number>>;
  /** Workflows behind this one are not known yet; null where all are. */
  readonly knownUpTo: Summary | null;
}

export interface ToldOlder {
  /** The question that this answers. */
  readonly key: string;
  /** Null until the server has said. */
  readonly found: Older | null;
  /** The reason why the last question has no answer; what was found before stays. */
  readonly why: string | null;
  again(): void;
}

/** Nothing was told of them. */
export const NONE: Older = { workflows: {}, counts: {}, knownUpTo: null };
