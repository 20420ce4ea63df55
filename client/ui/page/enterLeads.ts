/** Leads from Enter in a field to the form's button, which it does not press: a start is pressed on purpose. */

/** For `onKeyDown` of a form. In a field that has several lines already Enter is one more; Shift+Enter is everywhere. */
export function enterLeads(event: KeyboardEvent): void {
  const { key, target } = event;
  if (key !== "Enter" || event.isComposing || event.shiftKey) return;
  const isOneLine =
    target instanceof HTMLInputElement ||
    (target instanceof HTMLTextAreaElement && !target.value.includes("\n"));
  if (!isOneLine) return;
  event.preventDefault();
  target.form?.querySelector<HTMLElement>("button[type=submit]")?.focus();
}
