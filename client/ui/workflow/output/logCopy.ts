/** What leaves the log by the clipboard: links to its lines, and lines as Markdown. */
import type { Lines } from "./logStart.js";

/** `address` is the log's, without lines. */
export function linkTo(address: string, lines: Lines | null): string {
  const { from, to } = lines ?? {};
  const hash = lines ? (from === to ? `#L${from}` : `#L${from}-L${to}`) : "";
  return new URL(address + hash, window.location.href).href;
}

export function markdownOf(name: string, attempt: number, lines: readonly string[]): string {
  // Whatever the lines hold must not end the block they stand in.
  const longest = Math.max(
    2,
    ...lines.flatMap((line) => line.match(/`+/g) ?? []).map((run) => run.length),
  );
  const fence = "`".repeat(longest + 1);
  const heading = `${name.replaceAll(/[\\`*_<>[\]]/g, "\\$&")}, attempt ${attempt}:`;
  return `${heading}\n\n${fence}text\n${lines.join("\n")}\n${fence}\n`;
}

/** False where the browser refuses. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyByHand(text);
  }
}

/** The clipboard is missing where the page is not served securely: then the older way is the only one. */
function copyByHand(text: string): boolean {
  const before = document.activeElement;
  const area = document.createElement("textarea");
  area.className = "sr-only";
  area.value = text;
  document.body.append(area);
  area.select();
  try {
    return document.execCommand("copy");
  } catch {
    return false;
  } finally {
    area.remove();
    if (before instanceof HTMLElement) before.focus({ preventScroll: true });
  }
}
