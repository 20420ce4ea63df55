/** The place in the user's home where it is remembered which folders held a store. */
import path from "node:path";
import type { CliContext } from "./context.js";

/** As the XDG Base Directory Specification has it; nothing is remembered for a user without a home. */
export function stateHome({ env, home }: Pick<CliContext, "env" | "home">): {
  rememberIn?: string;
} {
  const state = env.XDG_STATE_HOME || (home && path.join(home, ".local", "state"));
  return state && path.isAbsolute(state) ? { rememberIn: path.join(state, "instep") } : {};
}
