/** A finding of `instep doctor`: what one check came to, in one sentence, and what to do about it. */

/** `warning`: it works, and somebody should look at it. `wrong`: it does not work, or will not. */
export type Result = "ok" | "warning" | "wrong";

/** As `--json` prints it. */
export interface Finding {
  /** The check's name. */
  readonly check: string;
  readonly result: Result;
  /** One sentence. */
  readonly text: string;
  /** Null where nothing is to be done. */
  readonly todo: string | null;
}

/** Nothing is to be done. */
export const fine = (check: string, text: string): Finding => ({
  check,
  result: "ok",
  text,
  todo: null,
});

/** It works all the same. */
export const warning = (check: string, text: string, todo: string): Finding => ({
  check,
  result: "warning",
  text,
  todo,
});

/** It does not work. */
export const wrong = (check: string, text: string, todo: string): Finding => ({
  check,
  result: "wrong",
  text,
  todo,
});
