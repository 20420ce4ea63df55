/** The list before anything has run: it says so, and offers the ways to change that. */
import { usePage } from "../../page/page.js";
import { CopyButton } from "../../parts/copyButton.js";
import { curlLine, runLine } from "./curlLine.js";
import { RunExample } from "./runExample.js";
import { StartOffers, useDefinitions } from "./startOffers.js";

export function EmptyList() {
  const { router, hasToken } = usePage();
  const { url } = router.mount;
  const answer = useDefinitions();
  const hasOffers = answer !== null && answer.definitions.length > 0;
  const command = answer && runLine(url, answer);
  const folder = answer?.command_line?.folder;
  return (
    <section class="empty first-run" data-testid="empty">
      <h2>Nothing has run yet</h2>
      <p>Start something, and watch it appear here and in every other open tab.</p>
      {answer && <StartOffers {...answer} />}
      <RunExample kind={hasOffers ? undefined : "primary"} />
      <p class="first-run-or">or from a terminal:</p>
      <Line what="the curl line" text={curlLine(url, hasToken)} />
      {command !== null && (
        <>
          {folder && (
            <p class="first-run-or">
              or, in the folder <code>{folder}</code> of the server:
            </p>
          )}
          <Line what="the command" text={command} />
        </>
      )}
    </section>
  );
}

function Line({ what, text }: { what: string; text: string }) {
  return (
    <div class="empty-line">
      <code>{text}</code>
      <CopyButton text={text} what={what} />
    </div>
  );
}
