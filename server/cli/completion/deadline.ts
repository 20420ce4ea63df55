/** How long a completion may take once the program runs: whoever waits has a finger on the key. */
export const DEADLINE_MS = 700;
