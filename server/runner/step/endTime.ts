/** The moment at which a command ended. Its keeper tells it by the clock of its own machine, and none of ours has ended later than now. */

/** `told` is missing where nobody told it. Both in ms since the epoch. */
export const endTime = (told: number | null | undefined, now: number): number =>
  told == null || told > now ? now : told;
