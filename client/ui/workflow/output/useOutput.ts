/** Reads the output of one attempt for as long as it is shown. */
import { useLayoutEffect, useMemo, useState } from "preact/hooks";
import type { InstepClient, LogAway, LogPiece } from "../../../index.js";
import { usePage } from "../../page/page.js";
import type { LogName } from "./bytes/logBytes.js";
import { type LogOnPage, NOTHING_ON_PAGE } from "./onPage/logOnPage.js";
import { OutputLog } from "./onPage/outputLog.js";
import type { LogStart } from "./reader/logStart.js";

export interface ShownOutput {
  readonly onPage: LogOnPage;
  readonly log: OutputLog;
  /** The node that keeps it, while that is not reached. */
  readonly away: LogAway | null;
}

/** Give the component the attempt as `key`: one log is one log. */
export function useOutput(
  name: LogName,
  { place, isFollowing }: Pick<LogStart, "place" | "isFollowing">,
  heard: (piece: LogPiece) => void,
): ShownOutput {
  const { client: page } = usePage();
  const [away, setAway] = useState<LogAway | null>(null);
  const client = useMemo(() => heardBy(page, heard, setAway), [page]);
  const [onPage, setOnPage] = useState(NOTHING_ON_PAGE);
  const log = useMemo(() => new OutputLog({ client, name, show: setOnPage }), [client]);
  // A layout effect, because plain effects wait for a frame, and a hidden tab has none.
  useLayoutEffect(() => {
    log.open(place, isFollowing);
    return () => log.stop();
  }, [log]);
  return { onPage, log, away };
}

type Followable = Pick<InstepClient, "followLog" | "clock" | "rest">;

/** A told piece is given to `heard` first. */
const heardBy = (
  client: Followable,
  heard: (piece: LogPiece) => void,
  away: (away: LogAway | null) => void,
): Followable => ({
  clock: client.clock,
  rest: client.rest,
  followLog: (workflow_id, step, options, listener) =>
    client.followLog(workflow_id, step, options, {
      away,
      end: (end) => listener.end?.(end),
      piece(piece) {
        heard(piece);
        listener.piece(piece);
      },
    }),
});
