/** The theme that was chosen, set before anything is drawn: alone in a file, as the page waits for it. `theme.ts` takes over. */
try {
  const theme = localStorage.getItem("instep.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // A browser that keeps nothing has nothing chosen.
}
