/** The exit code in a step's data. */

/** As it stands there: a command's is a number, or null where a signal ended it; a function may put anything there. */
export const exitCodeOf = (data: unknown): unknown =>
  (data as { readonly exit_code?: unknown } | null | undefined)?.exit_code;
