/** What a newcomer sees: nothing has run yet, and two ways to change that. */
import { usePage } from "../page.js";
import { CopyButton } from "../parts/copyButton.js";
import { curlLine } from "./curlLine.js";

export function EmptyList() {
  const { router, hasToken } = usePage();
  const line = curlLine(router.mount.url, hasToken);
  return (
    <section class="empty" data-testid="empty">
      <h2>Nothing has run yet</h2>
      <p>Run the example in this tab, or start one from a terminal and watch it appear here:</p>
      <div class="empty-line">
        <code>{line}</code>
        <CopyButton text={line} what="the curl line" />
      </div>
    </section>
  );
}
