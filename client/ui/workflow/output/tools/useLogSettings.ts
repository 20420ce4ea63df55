/** How somebody wants logs to be, as one log shows it and changes it. */
import { useRef, useState } from "preact/hooks";
import { changeSettings, type LogSettings, readSettings, type Timestamps } from "./logSettings.js";

export interface ShownSettings {
  readonly settings: LogSettings;
  /** Changes some of them, here and for the logs of later visits. */
  set(part: Partial<LogSettings>): void;
  /** Hides the times of lines, or shows them as they were shown last. */
  switchTimestamps(): void;
}

export function useLogSettings(storage: Storage): ShownSettings {
  const [settings, setSettings] = useState(() => readSettings(storage));
  const lastShown = useRef<Timestamps>(
    settings.timestamps === "off" ? "local" : settings.timestamps,
  );
  const set = (part: Partial<LogSettings>) => {
    const next = changeSettings(storage, part);
    if (next.timestamps !== "off") lastShown.current = next.timestamps;
    setSettings(next);
  };
  return {
    settings,
    set,
    switchTimestamps: () =>
      set({ timestamps: settings.timestamps === "off" ? lastShown.current : "off" }),
  };
}
