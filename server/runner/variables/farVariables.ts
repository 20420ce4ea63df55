/** The variables of a command on another machine: nothing of this machine's login, whose names stand for that machine's own values. Pure. */
import type { Environment } from "./environment.js";
import { withDefaults } from "./environment.js";

/** Stands on both sides of a name that only the other machine knows the value of: no value can have it in it. */
export const FAR_VALUE = "\0";

/** Variables that every login has, and that an `env` may be made of. */
const OF_LOGIN = ["PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TZ", "TMPDIR"];

/** Below all that is said of a command: each name of a login stands for its value over there. */
export const farLogin = (): Environment =>
  withDefaults(
    Object.fromEntries(OF_LOGIN.map((name) => [name, `${FAR_VALUE}${name}${FAR_VALUE}`])),
  );

/** The part of the environment that has to be set over there: what stands for itself is there already. */
export const toBeSet = (env: Environment): Environment =>
  Object.fromEntries(
    Object.entries(env).filter(([name, value]) => value !== `${FAR_VALUE}${name}${FAR_VALUE}`),
  );
