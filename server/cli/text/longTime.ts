/** Reads a time of the command line that may be given in days. */
import { parseDuration } from "../../../shared/text/duration.js";
import { SettingError } from "../../settings/settingError.js";

/** In ms. Throws SettingError, naming the option. */
export function parseLongTime(option: string, given: string): number {
  const [, days] = /^(\d{1,3})d$/.exec(given.trim()) ?? [];
  try {
    return parseDuration(days === undefined ? given : `${Number(days) * 24}h`);
  } catch (error) {
    throw new SettingError(`${option}: ${(error as Error).message}, or days like 7d`);
  }
}
