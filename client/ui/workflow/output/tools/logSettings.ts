/** How somebody wants logs to be, in every tab of this browser, from one visit to the next. */

/** Whether each line says when it came, and in which time. */
export type Timestamps = "off" | "local" | "utc";

export interface LogSettings {
  readonly wrap: boolean;
  readonly aloud: boolean;
  readonly timestamps: Timestamps;
}

type Kept = Pick<Storage, "getItem" | "setItem">;

const KEY = "instep.log.settings";
const FIRST: LogSettings = { wrap: true, aloud: false, timestamps: "off" };

/** A setting that was never made, or makes no sense, is as at first. */
export function readSettings(storage: Kept): LogSettings {
  const { wrap, aloud, timestamps } = keptIn(storage);
  return {
    wrap: typeof wrap === "boolean" ? wrap : FIRST.wrap,
    aloud: typeof aloud === "boolean" ? aloud : FIRST.aloud,
    timestamps: isTimestamps(timestamps) ? timestamps : FIRST.timestamps,
  };
}

/** Keeps one setting beside the others as they are now: another tab may have changed those. Returns all of them. */
export function changeSettings(storage: Kept, part: Partial<LogSettings>): LogSettings {
  const settings = { ...readSettings(storage), ...part };
  storage.setItem(KEY, JSON.stringify(settings));
  return settings;
}

function keptIn(storage: Kept): Partial<Record<keyof LogSettings, unknown>> {
  try {
    const kept: unknown = JSON.parse(storage.getItem(KEY) ?? "{}");
    return typeof kept === "object" && kept !== null ? kept : {};
  } catch {
    return {};
  }
}

const isTimestamps = (value: unknown): value is Timestamps =>
  value === "off" || value === "local" || value === "utc";
