/** How somebody wants logs to be, in every tab of this browser. */
export interface LogSettings {
  readonly wrap: boolean;
  readonly aloud: boolean;
}

const KEY = "instep.log.settings";
const FIRST: LogSettings = { wrap: true, aloud: false };

/** Storage may be forbidden, and then even asking for it throws. */
export function readSettings(storage: () => Storage = () => window.localStorage): LogSettings {
  try {
    const kept: unknown = JSON.parse(storage().getItem(KEY) ?? "{}");
    const { wrap, aloud } = (kept ?? {}) as Record<string, unknown>;
    return {
      wrap: typeof wrap === "boolean" ? wrap : FIRST.wrap,
      aloud: typeof aloud === "boolean" ? aloud : FIRST.aloud,
    };
  } catch {
    return FIRST;
  }
}

export function keepSettings(
  settings: LogSettings,
  storage: () => Storage = () => window.localStorage,
): void {
  try {
    storage().setItem(KEY, JSON.stringify(settings));
  } catch {
    // They hold until the tab is closed.
  }
}
