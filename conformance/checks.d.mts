/** The types of checks.mjs, for our tests. */

/** Each with its sentence. */
export const CHECKS: readonly (readonly [string, unknown])[];
