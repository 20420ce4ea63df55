/** Gives the selection in a log as the plain text that was printed: no numbers, no times, a long line in one piece. */

/** Null where nothing is selected, or not within the log alone: then the browser's own way is as good. */
export function selectedLines(log: HTMLElement, selection: Selection | null): string | null {
  if (!selection || selection.isCollapsed) return null;
  const ranges = Array.from({ length: selection.rangeCount }, (_, at) => selection.getRangeAt(at));
  if (!ranges.every((range) => log.contains(range.commonAncestorContainer))) return null;
  return ranges.map((range) => linesIn(log, range)).join("\n");
}

function linesIn(log: HTMLElement, range: Range): string {
  let text = "";
  let before: string | null = null;
  for (const row of log.querySelectorAll<HTMLElement>(".output-line")) {
    if (!range.intersectsNode(row)) continue;
    const { key = "" } = row.dataset;
    // Behind the point is the part of a line that is too long for one row.
    const line = key.slice(0, key.lastIndexOf("."));
    if (before !== null && line !== before) text += "\n";
    text += textIn(row.querySelector(".output-text") ?? row, range);
    before = line;
  }
  return text;
}

function textIn(element: Element, range: Range): string {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  let text = "";
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (!range.intersectsNode(node) || node.parentElement?.closest(".sr-only")) continue;
    const data = node.nodeValue ?? "";
    const from = node === range.startContainer ? range.startOffset : 0;
    const to = node === range.endContainer ? range.endOffset : data.length;
    text += data.slice(from, to);
  }
  return text;
}

/** For the `copy` event of a log. */
export function copySelected(log: HTMLElement, event: ClipboardEvent): void {
  if (event.target instanceof HTMLTextAreaElement || !event.clipboardData) return;
  const text = selectedLines(log, document.getSelection());
  if (text === null) return;
  event.clipboardData.setData("text/plain", text);
  event.preventDefault();
}
