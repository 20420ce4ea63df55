/** Puts text on the clipboard: in every browser, also for text that is still being read, also over plain http. Nothing else on the page does. */

/** A text, or one that is still on its way. */
export type TextToCopy = string | Promise<string>;

/**
 * Call it within the click or the key, before anything is awaited: only then do browsers let a page copy.
 * Gives false where the browser refuses; rejects where the text itself could not be had.
 */
export async function copyText(text: TextToCopy): Promise<boolean> {
  if (typeof text === "string") return copyNow(text);
  if (await copyLater(text)) return true;
  return copyNow(await text);
}

/** The clipboard is told within the click that a text comes, and waits for it. */
async function copyLater(text: Promise<string>): Promise<boolean> {
  if (typeof ClipboardItem === "undefined" || !navigator.clipboard?.write) return false;
  const blob = text.then((arrived) => new Blob([arrived], { type: "text/plain" }));
  // The caller hears of a failure by the text itself.
  blob.catch(() => {});
  try {
    await navigator.clipboard.write([new ClipboardItem({ "text/plain": blob })]);
    return true;
  } catch {
    return false;
  }
}

async function copyNow(text: string): Promise<boolean> {
  // Missing where the page is not served securely.
  if (!navigator.clipboard?.writeText) return copyByHand(text);
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyByHand(text);
  }
}

/** The older way: the text is selected in a field that nobody sees. Focus and selection are as before when it is over. */
function copyByHand(text: string): boolean {
  const focused = document.activeElement;
  const selection = document.getSelection();
  const ranges = Array.from({ length: selection?.rangeCount ?? 0 }, (_, index) =>
    selection!.getRangeAt(index),
  );
  const field = document.createElement("textarea");
  field.className = "sr-only";
  field.readOnly = true;
  field.value = text;
  // Beside what has the focus: behind an open dialog nothing can be selected, and a menu that loses the focus closes.
  const place = focused === document.body ? null : focused?.parentElement;
  (place ?? document.body).append(field);
  field.focus({ preventScroll: true });
  field.select();
  try {
    return document.execCommand("copy");
  } catch {
    return false;
  } finally {
    field.remove();
    if (focused instanceof HTMLElement) focused.focus({ preventScroll: true });
    if (ranges.length > 0) selection?.removeAllRanges();
    for (const range of ranges) selection?.addRange(range);
  }
}
