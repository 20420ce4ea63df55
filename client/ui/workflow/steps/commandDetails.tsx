/** Where the command of a step runs, and when nobody watched it. */
import {
  type Absence,
  formatDuration,
  linkLostOf,
  processOf,
  type Step,
  type StepProcess,
} from "../../../index.js";
import { formatClock, parseTime } from "../../look/time.js";
import { StartTime, usePictureTime } from "../../page/freshness.js";
import { LostLink } from "../../page/lostLink.js";
import { LinkedText } from "../../parts/textLink.js";
import { NextTry } from "../reading/nextTry.js";

export function CommandDetails({ step }: { step: Step }) {
  const process = processOf(step.data);
  if (!process) return null;
  const { machine, pid, since, over, taken_up = [] } = process;
  const lost = linkLostOf(step);
  const isSeen = step.status === "in_progress" && step.retry_at == null && !lost;
  const start = <StartTime at={parseTime(since) ?? 0} />;
  return (
    <section class="command-details" data-testid="command">
      <h3>Its command</h3>
      <p>
        It {isSeen ? "runs" : "was begun"} on <b>{machine}</b>
        {over === "ssh" && ", over SSH,"} as process <code>{pid}</code>
        {isSeen ? <>, since {start}</> : <> ({start})</>}.
      </p>
      {lost && (
        <>
          <p>
            <LostLink since={lost.since}>
              <NextTry at={lost.next_try_at} />
            </LostLink>
          </p>
          {lost.why && (
            <p>
              <LinkedText text={lost.why} />
            </p>
          )}
          <p>How it is there, nobody knows until the link is back.</p>
        </>
      )}
      {taken_up.length > 0 && (
        <ul class="absences">
          {taken_up.map((absence) => (
            <li key={absence.from}>
              <AbsenceText absence={absence} ended={parseTime(step.finished_at)} />
            </li>
          ))}
        </ul>
      )}
      <Unwatched process={process} lostSince={parseTime(lost?.since)} />
    </section>
  );
}

interface AbsenceTextProps {
  readonly absence: Absence;
  /** When the step ended (ms); null where it has not. */
  readonly ended: number | null;
}

function AbsenceText({ absence: { from, to, gone }, ended }: AbsenceTextProps) {
  const endedMeanwhile = ended !== null && ended <= (parseTime(to) ?? 0) ? ended : null;
  return (
    <>
      The {gone === "server" ? "server was away" : "link was lost"} from <Clock time={from} /> to{" "}
      <Clock time={to} />; the command{" "}
      {endedMeanwhile === null ? (
        "kept running"
      ) : (
        <>
          ended at <Clock time={new Date(endedMeanwhile).toISOString()} />
        </>
      )}
      .
    </>
  );
}

function Clock({ time }: { time: string }) {
  const at = parseTime(time) ?? 0;
  return (
    <time dateTime={time} title={new Date(at).toString()}>
      {formatClock(at)}
    </time>
  );
}

interface UnwatchedProps {
  readonly process: StepProcess;
  /** Null where the link is there: since then nobody watches. */
  readonly lostSince: number | null;
}

/** It grows while nobody watches. */
function Unwatched({ process: { unwatched_ms = 0 }, lostSince }: UnwatchedProps) {
  const { now, isCurrent } = usePictureTime();
  const ms = unwatched_ms + (lostSince === null ? 0 : Math.max(0, now - lostSince));
  if (ms === 0) return null;
  return (
    <p class={isCurrent || lostSince === null ? undefined : "is-frozen"}>
      Nobody watched it for {formatDuration(ms)} in all.
    </p>
  );
}
