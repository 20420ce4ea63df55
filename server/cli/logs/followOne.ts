/** Follows the output of one step, as fast as its printer is read. */
import type { InstepClient, LogAway, LogPiece, LogPlace } from "../../../client/index.js";
import type { LogPrinter } from "./printers/printer.js";

export interface OneLog {
  readonly workflow_id: string;
  readonly epoch: string;
  readonly index: number;
  readonly attempt: number | undefined;
  /** Behind what was had already. */
  readonly place: LogPlace | undefined;
}

export interface LogHearer {
  piece(piece: LogPiece): void;
  /** For now there is no more of it. */
  over(): void;
  cleared(): void;
  /** The node that keeps it is not reached. */
  away(away: LogAway): void;
}

export interface FollowedOne {
  readonly isOver: boolean;
  stop(): void;
}

export function followOne(
  { workflow_id, epoch, index, attempt, place }: OneLog,
  client: InstepClient,
  printer: Pick<LogPrinter, "isFull" | "caughtUp">,
  hearer: LogHearer,
): FollowedOne {
  let isOver = false;
  let stopFollowing = () => {};

  const follow = (from: LogPlace | undefined) => {
    isOver = false;
    const behind = from && (attempt === undefined ? { after: from } : { from: from.next });
    stopFollowing = client.followLog(
      workflow_id,
      index,
      { epoch, attempt, ...behind },
      {
        piece: (piece) => {
          isOver = false;
          hearer.piece(piece);
          if (printer.isFull) pause(piece);
        },
        away: (away) => away && hearer.away(away),
        end: ({ reason }) => {
          if (reason === "cleared") return hearer.cleared();
          isOver = true;
          hearer.over();
        },
      },
    );
  };

  /** Stops following while the reader of our output is slower than the step: the rest waits on the server, not here. */
  const pause = ({ attempt, next }: LogPlace) => {
    let isWanted = true;
    stopFollowing();
    stopFollowing = () => {
      isWanted = false;
    };
    void printer.caughtUp().then(() => {
      if (isWanted) follow({ attempt, next });
    });
  };

  follow(place);
  return {
    get isOver() {
      return isOver;
    },
    stop: () => stopFollowing(),
  };
}
