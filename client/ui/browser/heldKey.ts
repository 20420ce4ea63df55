/** Keys that are held down press nothing: what opened a question must not answer it. */

/** For `onKeyDown` of a button, or of what is around some. */
export function ignoreHeldKey(event: KeyboardEvent): void {
  if (event.repeat && (event.key === "Enter" || event.key === " ")) event.preventDefault();
}
