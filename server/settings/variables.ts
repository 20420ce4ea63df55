/** The variables that Instep knows, and the refusal of one that is misspelled; every command asks, so nothing heavy stands here. */
import { didYouMean, nearest } from "../../shared/text/nearest.js";
import { SettingError } from "./settingError.js";
import { ALL_SETTINGS } from "./settings.js";

export type Environment = Readonly<Record<string, string | undefined>>;

/** The variable that names the settings file, and those that a step's command finds. */
const OTHER_VARIABLES = [
  "INSTEP_CONFIG",
  "INSTEP_WORKFLOW_ID",
  "INSTEP_FIRST_WORKFLOW_ID",
  "INSTEP_STEP",
  "INSTEP_ATTEMPT",
  "INSTEP_RUN",
  "INSTEP_STATE_DIR",
];

/** A misspelled variable would be ignored in silence. Others beginning alike are let be: orchestrators set some by themselves. */
export function checkVariables(env: Environment): void {
  const known = Object.values(ALL_SETTINGS).flatMap((setting): readonly string[] => setting.env);
  const all = [...known, ...OTHER_VARIABLES];
  for (const name of Object.keys(env)) {
    if (!name.startsWith("INSTEP_") || all.includes(name)) continue;
    const meant = nearest(name, all);
    if (meant) throw new SettingError(`${name}: no such variable${didYouMean(meant)}`);
  }
}
