/** The shells that are completed in. */

export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

export const isShell = (word: string | undefined): word is Shell =>
  SHELLS.some((shell) => shell === word);
