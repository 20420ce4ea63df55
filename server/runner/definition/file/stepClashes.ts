/** The keys of a step in a definition file that do not go together, and those that are missing. Pure. */
import type { StepProblem } from "./parallelFile.js";

const NOTHING_TO_DO = "is required (or `argv`, or `ask`, or `parallel`)";

/** The keys of a step that clash with others, each with a predicate. */
interface StepKeys {
  readonly run?: unknown;
  readonly argv?: unknown;
  readonly ask?: { readonly when?: unknown } | undefined;
  readonly shell?: unknown;
  readonly tty: boolean;
  readonly survives?: boolean | undefined;
  readonly on?: unknown;
  readonly parallel?: unknown;
  readonly when: string;
  readonly when_failed?: unknown;
  readonly continue_on_error?: unknown;
}

/** Each clash with the key it is said of. */
export function clashesIn(step: StepKeys, isBranch: boolean): readonly StepProblem[] {
  const { run, argv, ask, shell, tty, survives, on, parallel } = step;
  const { when, when_failed, continue_on_error } = step;
  const problems: StepProblem[] = [];
  const complain = (key: string, message: string) => void problems.push({ key, message });
  if (run !== undefined && argv !== undefined) complain("argv", "cannot stand beside `run`");
  if ((run ?? argv ?? ask ?? parallel) === undefined)
    complain("run", isBranch ? "is required (or `argv`)" : NOTHING_TO_DO);
  if (shell !== undefined && argv !== undefined)
    complain("shell", "is for `run`: `argv` is started without a shell");
  else if (shell !== undefined && (run ?? ask?.when ?? parallel) === undefined)
    complain("shell", "is for `run`, or for `when` of a question");
  if (tty && run === undefined && argv === undefined)
    complain("tty", "is for a command: `run` or `argv`");
  if (survives !== undefined && parallel === undefined && run === undefined && argv === undefined)
    complain("survives", "is for a command: `run` or `argv`");
  else if (survives && tty)
    complain("survives", "cannot be true beside `tty`: a terminal ends with the server");
  if (on !== undefined && parallel === undefined && run === undefined && argv === undefined)
    complain("on", "is for a command: `run` or `argv`");
  else if (on !== undefined && tty)
    complain("on", "cannot stand beside `tty`: there is no terminal on the other machine");
  if (on !== undefined && survives === false)
    complain("survives", "cannot be false beside `on`: that command does not end with the server");
  if (when_failed !== undefined && continue_on_error !== undefined)
    complain("when_failed", "is the old name of `continue_on_error`: leave it out");
  // After a cancel nobody may be there to answer, and it could not end.
  if (ask !== undefined && when === "always")
    complain("ask", "cannot stand in a step that always runs: ask in one with `when: failure`");
  return problems;
}
