/** The hint for a setting that does not exist: the one that was probably meant, or all there are. */
import { nearest } from "../../../shared/text/nearest.js";
import { keyOf, SETTING_NAMES } from "../../settings/settings.js";

const KEYS = SETTING_NAMES.map(keyOf);

/** The end of that sentence: the key of `instep.yaml` that was probably meant, or all of them. */
export function settingHint(word: string): string {
  const meant = nearest(word, KEYS);
  return meant ? `did you mean ${meant}?` : `known are ${KEYS.join(", ")}`;
}
