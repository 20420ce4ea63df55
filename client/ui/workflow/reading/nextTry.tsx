/** When a lost link is tried again: "trying again in 3s", behind how long it has been lost. */
import { formatElapsed } from "../../../index.js";
import { parseTime } from "../../look/time.js";
import { usePictureTime } from "../../page/freshness.js";

/** `at` is null while it is tried. */
export function NextTry({ at }: { at: string | null }) {
  const { now } = usePictureTime();
  const left = (parseTime(at) ?? now) - now;
  return (
    <span class="next-try">
      , trying again{left > 0 && ` in\u00a0${formatElapsed(left + 999)}`}
    </span>
  );
}
