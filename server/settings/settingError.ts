/** The error of a wrong setting, apart from what reads settings: a command that reads none does not load that. */

/** A setting that cannot be used. The message names the flag or the variable it came from. */
export class SettingError extends Error {
  override readonly name = "SettingError";
}
