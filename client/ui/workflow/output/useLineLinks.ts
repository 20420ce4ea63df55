/** The addresses of a log and of its lines, and what a click on a line's number does. */
import { usePage } from "../../page/page.js";
import type { AttemptLogProps } from "./attemptLog.js";
import type { Lines } from "./reader/logStart.js";
import type { Reader } from "./reader/useReader.js";
import { linkTo } from "./tools/logCopy.js";

export interface LineLinks {
  /** The log's address, without lines. */
  readonly address: string;
  /** The lines that the page's address names. */
  readonly lines: Lines | null;
  /** The link to those lines, or to the log where there are none. */
  link(): string;
  /** Puts a line into the page's address; `isMore`: beside those that are there. */
  select(number: number, isMore: boolean): void;
}

export function useLineLinks(props: AttemptLogProps, reader: Reader): LineLinks {
  const { workflow_id, stepName, attempt, lines, onAddress } = props;
  const { mount } = usePage().router;
  const address = mount.addressOf({ name: "workflow", workflow_id, step: stepName, attempt });
  return {
    address,
    lines: lines ?? null,
    link: () => linkTo(address, lines ?? null),
    select(number, isMore) {
      const ends = isMore && lines ? [lines.from, lines.to, number] : [number];
      const next = { from: Math.min(...ends), to: Math.max(...ends) };
      reader.choseLines(next);
      reader.stay();
      onAddress({ attempt, lines: next });
    },
  };
}
