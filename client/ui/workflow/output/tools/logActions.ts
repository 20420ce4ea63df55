/** The actions of keys and buttons on the log in view; the page's keys call the same. */
export interface LogActions {
  /** To the end, and stay there. */
  follow(): void;
  /** To the first line there is. */
  toStart(): void;
  search(): void;
  nextMatch(): void;
  previousMatch(): void;
  nextError(): void;
  copyLink(): void;
  /** Long lines wrapped, or not. */
  wrap(): void;
  /** When each line came: shown, or not. */
  timestamps(): void;
}

export interface LogKey {
  readonly keys: readonly string[];
  readonly label: string;
  readonly action: keyof LogActions;
}

export const LOG_KEYS: readonly LogKey[] = [
  { keys: ["f", "G", "End"], label: "Follow the log", action: "follow" },
  { keys: ["g", "Home"], label: "To the start of the log", action: "toStart" },
  { keys: ["/"], label: "Search the log", action: "search" },
  { keys: ["n"], label: "Next match", action: "nextMatch" },
  { keys: ["N"], label: "Previous match", action: "previousMatch" },
  { keys: ["e"], label: "Next error in the log", action: "nextError" },
  { keys: ["y"], label: "Copy a link to the lines", action: "copyLink" },
  { keys: ["w"], label: "Wrap long lines, or not", action: "wrap" },
  { keys: ["T"], label: "Show when each line came, or not", action: "timestamps" },
];

/** For a listener on the log itself: does what the key stands for, and says whether it did. */
export function pressed(event: KeyboardEvent, actions: LogActions): boolean {
  if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return false;
  const found = LOG_KEYS.find(({ keys }) => keys.includes(event.key));
  if (!found) return false;
  event.preventDefault();
  actions[found.action]();
  return true;
}
