/** The two ways to deal with the commands at work when their server stops. */
export const ON_STOP = ["keep", "end"] as const;

/** `keep` leaves those that outlive the server to the next one; `end` ends all. */
export type OnStop = (typeof ON_STOP)[number];
