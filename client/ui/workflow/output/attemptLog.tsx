/** The log of one attempt of a step: to follow, to read, to search, to link to. */
import { useRef } from "preact/hooks";
import { linkLostOf, type Step } from "../../../index.js";
import { usePage } from "../../page/page.js";
import type { Failure } from "../reading/attemptFacts.js";
import { EarlyLog } from "./drawn/earlyLog.js";
import { LogBlocks } from "./drawn/logBlocks.js";
import { LogBar } from "./logBar.js";
import { LogStatus } from "./logStatus.js";
import { NewLines } from "./newLines.js";
import { ReadAloud } from "./readAloud.js";
import { useSearchSteps } from "./search/useSearchSteps.js";
import type { StepLogProps } from "./stepLog.js";
import { pressed } from "./tools/logActions.js";
import { copySelected } from "./tools/selectedLines.js";
import { useLogSettings } from "./tools/useLogSettings.js";
import { useNews } from "./tools/useNews.js";
import { useLineLinks } from "./useLineLinks.js";
import { useLogActions } from "./useLogActions.js";
import { useReadLog } from "./useReadLog.js";

export interface AttemptLogProps extends StepLogProps {
  readonly attempt: number;
  readonly status: Step["status"];
  readonly bytes: number;
  readonly failure: Failure | null;
}

export function AttemptLog(props: AttemptLogProps) {
  const { step, status, onActions } = props;
  const { client, settings } = usePage();
  const title = step.title ?? step.action;
  const isAtWork = status === "in_progress";
  const input = useRef<HTMLInputElement>(null);
  const shown = useLogSettings(settings);
  const news = useNews();
  const { name, element, output, reader, search, groups } = useReadLog(
    props,
    shown.settings.timestamps,
  );
  const { onPage, log, away } = output;
  const steps = useSearchSteps({ log, element, onPage, search, jump: reader.jump, news });
  const { address, lines, link, select } = useLineLinks(props, reader);
  const actions = useLogActions({ reader, steps, shown, news, input, link, onActions });
  return (
    <div class="output">
      <LogBar
        {...{
          name,
          title,
          onPage,
          log,
          isAtWork,
          shown,
          search,
          steps,
          news,
          actions,
          input,
          link,
        }}
        isFollowing={reader.isFollowing}
        hasLines={lines !== null}
        leave={() => element.current?.focus()}
      />
      <div class="output-frame">
        <div
          ref={element}
          class={shown.settings.wrap ? "output-log" : "output-log is-unwrapped"}
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
            {...{ onPage, name, isAtWork, address, lines, search, groups, select, log }}
            isAway={away !== null}
            jumpedTo={reader.jump.key}
            whyKey={reader.whyKey}
            times={output.times}
          />
        </div>
        <EarlyLog
          step={step.index}
          attempt={props.attempt}
          onPage={onPage}
          isFollowing={reader.isFollowing}
          isAway={away !== null}
        />
      </div>
      {!reader.isFollowing && reader.newLines > 0 && isAtWork && (
        <NewLines count={reader.newLines} act={actions.follow} />
      )}
      <LogStatus
        onPage={onPage}
        isFollowing={reader.isFollowing}
        isAtWork={isAtWork}
        isUnlinked={isAtWork && linkLostOf(step) !== null}
        away={away}
        hasNoTimes={output.areUnrecorded}
        countLines={() => log.countLines()}
      />
      {shown.settings.aloud && <ReadAloud onPage={onPage} clock={client.clock} />}
    </div>
  );
}
