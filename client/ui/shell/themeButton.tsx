/** Goes round light, dark and system; its picture and name say which it is. */

import { THEMES, type Theme } from "../browser/theme.js";
import { usePage } from "../page/page.js";

const LOOKS: Record<Theme, { readonly word: string; readonly shape: string }> = {
  system: {
    word: "as the system",
    shape: "M8 2.25a5.75 5.75 0 1 1 0 11.5a5.75 5.75 0 1 1 0-11.5z",
  },
  light: {
    word: "light",
    shape:
      "M8 5.25a2.75 2.75 0 1 1 0 5.5a2.75 2.75 0 1 1 0-5.5zM8 1.5v1.2M8 13.3v1.2M1.5 8h1.2M13.3 8h1.2M3.4 3.4l.85.85M11.75 11.75l.85.85M3.4 12.6l.85-.85M11.75 4.25l.85-.85",
  },
  dark: { word: "dark", shape: "M13.2 9.6A5.6 5.6 0 1 1 6.4 2.8a4.5 4.5 0 0 0 6.8 6.8z" },
};

export function ThemeButton() {
  const { themes, announcer } = usePage();
  const chosen = themes.chosen.value;
  const { word, shape } = LOOKS[chosen];
  const next = () => {
    const theme = THEMES[(THEMES.indexOf(chosen) + 1) % THEMES.length]!;
    themes.choose(theme);
    announcer.say(`Theme: ${LOOKS[theme].word}.`);
  };
  return (
    <button
      type="button"
      class="top-button"
      data-testid="theme"
      aria-label={`Theme: ${word}`}
      title={`Theme: ${word}`}
      onClick={next}
    >
      <svg viewBox="0 0 16 16" width="18" height="18" aria-hidden="true">
        <path d={shape} />
        {chosen === "system" && <path d="M8 2.25a5.75 5.75 0 0 1 0 11.5z" fill="currentColor" />}
      </svg>
    </button>
  );
}
