/** The words that stood on the page before its script came: where they are, and how the log takes their lines over. */

/** The element beside the page's own place: the script of the first words makes it, and takes it away once the page shows something. */
export const EARLY_CLASS = "early";

/** The part of a log that the lines are. */
export interface EarlyPlace {
  /** By its index. */
  readonly step: number;
  readonly attempt: number;
  /** Where they begin among the bytes; null where they are the newest. */
  readonly from: number | null;
}

export interface EarlyLines {
  readonly text: string;
  /** `As of 09:52:03` */
  readonly asOf: string;
  /** How they lie in their place. */
  readonly className: string;
}

/** Whether such words stand there now. */
export const hasEarlyWords = (document: Document): boolean =>
  document.querySelector(`.${EARLY_CLASS}`) !== null;

/** The same for the same log. */
export const logName = ({ step, attempt }: Omit<EarlyPlace, "from">): string =>
  `${step} ${attempt}`;

/** The lines that stand there now, where they are of this log; else null. */
export function earlyLinesOf(document: Document, name: string): EarlyLines | null {
  const log = document.querySelector<HTMLElement>(`.${EARLY_CLASS} pre`);
  if (log?.dataset.log !== name) return null;
  const { textContent, dataset, className } = log;
  return { text: textContent ?? "", asOf: dataset.asOf ?? "", className };
}
