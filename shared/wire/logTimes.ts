/** When output came, as it is told: in order, each entry for the bytes from its offset up to that of the next. */

/** Ms since the epoch as the server's wall clock showed it; null where nobody knows. */
export type Moment = number | null;

export type TimedOffset = readonly [offset: number, at: Moment];

export type LogTimes = readonly TimedOffset[];
