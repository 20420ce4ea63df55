/** The times after which nothing of a command runs any more whose node cannot reach its cluster. */

/** A guard looks so often, in seconds, whether its node still counts as there. */
export const GUARD_LOOK_S = 1;
/** Between SIGTERM and SIGKILL, in seconds. */
export const GUARD_GRACE_S = 5;
/** After SIGKILL the system has to take the processes away, in seconds. */
const GONE_S = 1;
/** A busy machine: a process has its turn so much later, in seconds. */
const LATE_S = 3;

/**
 * In ms, from the moment in which a node was seen to be gone: 1 s until its guards look, 5 s of grace, 1 s for SIGKILL, and 3 s in which they may be late, are
 * 10 s. Its guards count from an earlier moment, 2 s before its lease can end: that much more they may be late.
 */
export const SURELY_ENDED_MS = 1_000 * (GUARD_LOOK_S + GUARD_GRACE_S + GONE_S + LATE_S);
