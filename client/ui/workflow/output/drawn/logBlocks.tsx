/** The lines of a log, block by block, and what is said about those that are not here. */
import { useContext, useMemo } from "preact/hooks";
import { FreshnessContext } from "../../../page/freshness.js";
import type { LogName } from "../bytes/logBytes.js";
import { numberOf } from "../lines/lineCount.js";
import { keyOf } from "../lines/outputLines.js";
import type { LogOnPage } from "../onPage/logOnPage.js";
import type { OutputBlock } from "../onPage/logWindow.js";
import type { OutputLog } from "../onPage/outputLog.js";
import type { Lines } from "../reader/logStart.js";
import type { ShownSearch } from "../search/useLogSearch.js";
import type { ShownTimes } from "../times/shownTimes.js";
import { WholeOutput } from "../tools/wholeOutput.js";
import type { Group } from "./groups.js";
import { type BlockGroups, LineBlock } from "./lineBlock.js";
import type { OpenGroups } from "./useGroups.js";

interface LogBlocksProps {
  readonly onPage: LogOnPage;
  readonly name: LogName;
  readonly isAtWork: boolean;
  /** Nobody can say now whether anything was printed. */
  readonly isAway: boolean;
  readonly address: string;
  readonly lines: Lines | null;
  readonly search: ShownSearch;
  readonly jumpedTo: string | null;
  /** The line that says why it failed. */
  readonly whyKey: string | null;
  readonly groups: OpenGroups;
  readonly log: OutputLog;
  /** Null while no times are shown. */
  readonly times: ShownTimes | null;
  select(number: number, isMore: boolean): void;
}

export function LogBlocks(props: LogBlocksProps) {
  const { onPage, name, isAtWork, address, lines, search, jumpedTo, whyKey, groups, select, log } =
    props;
  const { blocks, drawn, base, older, isAtEnd, loading, trouble, end, isOpen } = onPage;
  const { times, isAway } = props;
  const { isCurrent } = useContext(FreshnessContext);
  const current = search.current ?? (jumpedTo === null ? null : { key: jumpedTo, index: null });
  const currentBlock = useMemo(
    () => blocks.find((block) => block.lines.some((line) => keyOf(line) === current?.key)),
    [blocks, current?.key],
  );
  const lastBlock = blocks.at(-1);
  const lastLine = lastBlock?.lines.at(-1);
  // While the page is not live, nothing on it looks as if it were.
  const isLive = isOpen && isAtWork && isCurrent;
  const live = isLive && lastLine ? keyOf(lastLine) : null;
  const isEmpty = blocks.length === 0;

  const onClick = (event: MouseEvent) => {
    const { target } = event;
    const isPlain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.altKey;
    if (!isPlain || !(target instanceof HTMLAnchorElement) || !target.dataset.number) return;
    event.preventDefault();
    // Shift and a click select text as well.
    if (event.shiftKey) target.ownerDocument.getSelection()?.removeAllRanges();
    select(Number(target.dataset.number), event.shiftKey);
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the clicks are those of the links within
    // biome-ignore lint/a11y/useKeyWithClickEvents: a link is clicked by the keyboard as well
    <div class="output-lines" onClick={onClick}>
      {older === "some" && (
        <Notice>
          {loading === "older" ? (
            "Loading earlier lines…"
          ) : (
            <LoadMore text="Earlier lines" act={() => void log.loadOlder()} />
          )}
        </Notice>
      )}
      {older === "unreadable" && (
        <Notice>
          What stands before cannot be joined to this.{" "}
          <WholeOutput {...name}>Download all of it</WholeOutput>
        </Notice>
      )}
      {isEmpty && (loading || !isAway) && (
        <Notice>{loading ? "Loading…" : emptyText(end, isAtWork)}</Notice>
      )}
      {blocks.slice(drawn.from, drawn.to).map((block) => (
        <LineBlock
          key={block.id}
          block={block}
          base={base}
          address={address}
          selected={lines && selectedIn(block, base, lines)}
          ranges={search.result.ranges.get(block) ?? null}
          current={block === currentBlock ? current : null}
          why={block.lines.some((line) => keyOf(line) === whyKey) ? whyKey : null}
          live={block === lastBlock ? live : null}
          groups={blockGroups(block, groups)}
          times={times?.of(block) ?? null}
        />
      ))}
      {!isAtEnd && (
        <Notice>
          {loading === "newer" ? (
            "Loading later lines…"
          ) : (
            <LoadMore text="Later lines" act={() => void log.loadNewer()} />
          )}
        </Notice>
      )}
      {trouble !== null && (
        <p class="output-notice is-trouble" role="alert">
          {trouble} <LoadMore text="Try again" act={() => log.retry()} />
        </p>
      )}
    </div>
  );
}

const Notice = ({ children }: { children: preact.ComponentChildren }) => (
  <p class="output-notice">{children}</p>
);

const LoadMore = ({ text, act }: { text: string; act(): void }) => (
  <button type="button" class="link-button" onClick={act}>
    {text}
  </button>
);

/** Null where the block has none of them: then it is not drawn again for them. */
function selectedIn({ lines }: OutputBlock, base: number | null, selected: Lines): Lines | null {
  const first = lines[0] && numberOf(lines[0], base);
  const last = lines.at(-1) && numberOf(lines.at(-1)!, base);
  if (!first && !last) return null;
  return selected.from <= (last ?? 0) && selected.to >= (first ?? 0) ? selected : null;
}

function blockGroups(block: OutputBlock, groups: OpenGroups): BlockGroups {
  const within = groups.within.get(block) ?? null;
  const own: Group[] = [];
  for (const line of block.lines) {
    const group = line.marker?.kind === "group" ? groups.starts.get(keyOf(line)) : undefined;
    if (group) own.push(group);
  }
  const state = (id: string, lines: number) =>
    groups.isOpen(id) ? `${id} open` : `${id} ${lines}`;
  const signature = [
    ...(within === null ? [] : [state(within, 0)]),
    ...own.map(({ id, lines }) => state(id, lines)),
  ].join(", ");
  const { starts, isOpen, toggle } = groups;
  return { within, starts, isOpen, toggle, signature };
}

function emptyText(end: string | null, isAtWork: boolean): string {
  if (end === "cleared") return "Cleared with its workflow.";
  return end === null && isAtWork ? "Nothing printed yet." : "It printed nothing.";
}
