/** What one attempt of a step printed, and prints now: to follow, to read, to search, to link to. */
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Step } from "../../../index.js";
import { copyText } from "../../browser/clipboard.js";
import { useFillWindow } from "../../browser/fillWindow.js";
import { usePage } from "../../page/page.js";
import { LogBlocks } from "./drawn/logBlocks.js";
import { useGroups } from "./drawn/useGroups.js";
import { numberOf } from "./lines/lineCount.js";
import { keyOf } from "./lines/outputLines.js";
import { LogStatus } from "./logStatus.js";
import { ReadAloud } from "./readAloud.js";
import { useFollowTail } from "./reader/followTail.js";
import { useKeepInView } from "./reader/keepInView.js";
import { createLogMemory } from "./reader/logMemory.js";
import { linesText, logStart } from "./reader/logStart.js";
import { useAddressedLines } from "./reader/useAddressedLines.js";
import { useJump } from "./reader/useJump.js";
import { type Failure, useWhy } from "./reader/useWhy.js";
import { SearchBar } from "./search/searchBar.js";
import { hintText, SearchProgress } from "./search/searchHint.js";
import { useLogSearch } from "./search/useLogSearch.js";
import { hasMore, useSearchSteps } from "./search/useSearchSteps.js";
import type { StepLogProps } from "./stepLog.js";
import { LineTimes } from "./times/lineTimes.js";
import { useLineTimes } from "./times/useLineTimes.js";
import { type LogActions, pressed } from "./tools/logActions.js";
import { linkTo, markdownOf, textsOf } from "./tools/logCopy.js";
import {
  changeSettings,
  type LogSettings,
  readSettings,
  type Timestamps,
} from "./tools/logSettings.js";
import { LogTools } from "./tools/logTools.js";
import { copySelected } from "./tools/selectedLines.js";
import { useLoadedLines } from "./tools/useLoadedLines.js";
import { useNews } from "./tools/useNews.js";
import { useLag } from "./useLag.js";
import { useOutput } from "./useOutput.js";

export interface AttemptLogProps extends StepLogProps {
  readonly attempt: number;
  readonly status: Step["status"];
  readonly bytes: number;
  readonly failure: Failure | null;
}

const LAST_LINES = 200;
/** Below a log stands its own last line. */
const FILLING = { property: "--log-height", belowPx: 52, leastPx: 180 } as const;

export function AttemptLog(props: AttemptLogProps) {
  const { workflow_id, epoch, step, stepName, attempt, status, bytes, failure } = props;
  const { lines, onAddress, onActions } = props;
  const { client, memory, settings: storage, router } = usePage();
  const title = step.title ?? step.action;
  const name = useMemo(
    () => ({ workflow_id, epoch, step: step.index, attempt }),
    [workflow_id, epoch, step.index, attempt],
  );
  const kept = useMemo(() => createLogMemory(memory, name), [memory, name]);
  const remembered = useMemo(() => kept.read(), [kept]);
  const start = useMemo(() => logStart({ status, bytes, lines, remembered, failure }), [kept]);

  const element = useRef<HTMLDivElement>(null);
  const input = useRef<HTMLInputElement>(null);
  const [settings, setSettings] = useState(() => readSettings(storage));
  const lastTimes = useRef<Timestamps>(
    settings.timestamps === "off" ? "local" : settings.timestamps,
  );
  const news = useNews();
  useFillWindow(element, FILLING);
  const times = useMemo(() => new LineTimes(), [name]);
  const { onPage, log } = useOutput(name, start, (piece) => times.hear(piece));
  const { blocks, base } = onPage;
  const { shown: shownTimes, areUnrecorded } = useLineTimes(
    name,
    times,
    onPage,
    settings.timestamps,
  );
  const { isFollowing, leftAt, ...tail } = useFollowTail(element, onPage, start.isFollowing, log);
  useLag(log, onPage, bytes);
  useLoadedLines(onPage);
  const groups = useGroups(blocks, remembered?.openGroups ?? []);
  const { search: text = "", isPattern = false } = remembered ?? {};
  const search = useLogSearch(blocks, { text, isPattern }, client.clock);
  const place = useKeepInView({
    log: element,
    onPage,
    isFollowing,
    clock: client.clock,
    remember(anchor) {
      const line = blocks.flatMap((block) => block.lines).find((one) => keyOf(one) === anchor?.key);
      if (line) kept.change({ offset: line.offset, delta: anchor?.delta ?? 0, isFollowing });
    },
    looks({ isInFirstHalf, isNearStart, isNearEnd, block, screens }) {
      log.reads({ isFollowing, isAtStart: isInFirstHalf, block, screens });
      if (onPage.trouble !== null || blocks.length === 0) return;
      if (isNearEnd) void log.loadNewer();
      else if (isNearStart && !isFollowing) void log.loadOlder();
    },
  });
  const jump = useJump({
    log: element,
    onPage,
    first: start.target,
    reveal(key) {
      groups.reveal(key);
      log.draw(key);
    },
    jumped() {
      tail.leave();
      place.settle();
    },
  });
  const whyKey = useWhy({
    failure,
    onPage,
    isWanted: start.isAtWhy,
    jump,
    shown: () => kept.change({ sawWhy: true }),
  });
  const steps = useSearchSteps({ log, element, onPage, search, jump, news });

  const choseLines = useAddressedLines(lines, log, jump);
  const openGroups = groups.opened.join(" ");
  useLayoutEffect(() => {
    const { text, isPattern } = search.query;
    const opened = openGroups === "" ? [] : openGroups.split(" ");
    const part = { isFollowing, search: text, isPattern, openGroups: opened };
    kept.change({ ...part, lines: linesText(lines) });
  }, [kept, isFollowing, search.query, openGroups, lines?.from, lines?.to]);

  const select = (number: number, isMore: boolean) => {
    const ends = isMore && lines ? [lines.from, lines.to, number] : [number];
    const next = { from: Math.min(...ends), to: Math.max(...ends) };
    choseLines(next);
    tail.leave();
    onAddress({ attempt, lines: next });
  };
  const toggle = (id: string) => {
    // Who opens a group wants to read it.
    if (!groups.isOpen(id)) tail.leave();
    groups.toggle(id);
  };
  const address = router.mount.addressOf({
    name: "workflow",
    workflow_id,
    step: stepName,
    attempt,
  });
  const set = (part: Partial<LogSettings>) => {
    const next = changeSettings(storage, part);
    if (next.timestamps !== "off") lastTimes.current = next.timestamps;
    setSettings(next);
  };
  const link = () => linkTo(address, lines ?? null);
  const actions: LogActions = {
    follow() {
      tail.follow();
      void log.toEnd();
    },
    toStart() {
      tail.leave();
      void log.goTo({ offset: 0 });
      jump.to({ place: { offset: 0 }, delta: 0 });
    },
    search: () => input.current?.focus(),
    nextMatch: () => void steps.match(1),
    previousMatch: () => void steps.match(-1),
    nextError: () => void steps.error(),
    copyLink: () =>
      void copyText(link()).then((isDone) =>
        news.say(isDone ? "Copied the link." : "Not copied: the browser refused."),
      ),
    wrap: () => set({ wrap: !settings.wrap }),
    timestamps: () =>
      set({ timestamps: settings.timestamps === "off" ? lastTimes.current : "off" }),
  };
  useLayoutEffect(() => {
    onActions?.(actions);
  });
  useLayoutEffect(() => () => onActions?.(null), []);

  const isAtWork = status === "in_progress";
  const newLines = onPage.total - leftAt;
  const { stoppedAt } = search.result;
  const searched = {
    hasMore: hasMore(onPage),
    isNowhere: steps.isNowhere,
    stoppedAt: stoppedAt && numberOf(stoppedAt, base),
  };
  return (
    <div class="output">
      <LogTools
        name={name}
        isFollowing={isFollowing}
        isAtWork={isAtWork}
        said={
          steps.searching ? (
            <SearchProgress searching={steps.searching} stop={steps.stop} />
          ) : (
            (news.text ?? hintText(search, searched))
          )
        }
        settings={settings}
        hasLines={lines !== undefined}
        actions={actions}
        isPattern={search.query.isPattern}
        searchByPattern={(isPattern) => search.ask({ ...search.query, isPattern })}
        set={set}
        link={link}
        lastLines={() =>
          log
            .lastLines()
            .then((last) => markdownOf(title, attempt, textsOf(last).slice(-LAST_LINES)))
        }
      >
        <SearchBar
          search={search}
          input={input}
          hasMore={searched.hasMore}
          isSearching={steps.searching !== null}
          step={(by) => void steps.match(by)}
          stop={steps.stop}
          leave={() => element.current?.focus()}
        />
      </LogTools>
      <div
        ref={element}
        class={settings.wrap ? "output-log" : "output-log is-unwrapped"}
        role="log"
        aria-label={`Output of ${title}`}
        aria-live="off"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
        tabIndex={0}
        data-testid="output"
        data-end={onPage.end ?? ""}
        onKeyDown={(event) => pressed(event, actions)}
        onCopy={(event) => copySelected(event.currentTarget, event)}
      >
        <LogBlocks
          onPage={onPage}
          name={name}
          isAtWork={isAtWork}
          address={address}
          lines={lines ?? null}
          search={search}
          jumpedTo={jump.key}
          whyKey={whyKey}
          groups={{ ...groups, toggle }}
          times={shownTimes}
          select={select}
          log={log}
        />
      </div>
      {!isFollowing && newLines > 0 && isAtWork && (
        <button type="button" class="output-pill" data-testid="new-lines" onClick={actions.follow}>
          ↓ {newLines.toLocaleString("en")} new {newLines === 1 ? "line" : "lines"}
        </button>
      )}
      <LogStatus
        onPage={onPage}
        isFollowing={isFollowing}
        isAtWork={isAtWork}
        hasNoTimes={areUnrecorded}
        countLines={() => log.countLines()}
      />
      {settings.aloud && <ReadAloud onPage={onPage} clock={client.clock} />}
    </div>
  );
}
