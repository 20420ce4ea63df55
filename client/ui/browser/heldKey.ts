/** Ignores keys that are held down: a key that opened a question must not answer it. */

/** For `onKeyDown` of a button, or of what is around some. */
export function ignoreHeldKey(event: KeyboardEvent): void {
  if (event.repeat && (event.key === "Enter" || event.key === " ")) event.preventDefault();
}
