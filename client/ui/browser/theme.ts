/** Light, dark, or as the system has it: chosen once, and then so in every tab of this browser. */
import { type ReadonlySignal, signal } from "@preact/signals";

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

const KEY = "instep.theme";

export interface Themes {
  readonly chosen: ReadonlySignal<Theme>;
  choose(theme: Theme): void;
  stop(): void;
}

/** Takes effect at once: called before anything is drawn, nobody sees the other theme flash up. */
export function createThemes(window: Window, settings: Storage): Themes {
  const chosen = signal<Theme>("system");
  const show = (theme: Theme) => {
    chosen.value = theme;
    if (theme === "system") delete window.document.documentElement.dataset.theme;
    else window.document.documentElement.dataset.theme = theme;
  };
  const read = () => show(asTheme(settings.getItem(KEY)));
  const onStorage = ({ key }: StorageEvent) => {
    if (key === KEY || key === null) read();
  };
  read();
  window.addEventListener("storage", onStorage);
  return {
    chosen,
    choose(theme) {
      settings.setItem(KEY, theme);
      show(theme);
    },
    stop: () => window.removeEventListener("storage", onStorage),
  };
}

const asTheme = (text: string | null): Theme => THEMES.find((theme) => theme === text) ?? "system";
