/** When lines came, as they are shown: the time beside each, the day above the first of one, everything in the tooltip. */
import { formatStamp, type Stamp } from "../../../look/time.js";
import type { OutputLine } from "../lines/outputLines.js";
import type { OutputBlock } from "../onPage/logWindow.js";
import type { Timestamps } from "../tools/logSettings.js";
import type { LineTimes } from "./lineTimes.js";

export interface ShownTime {
  /** `21:07:50`; `21:07:50Z` in UTC; a dash where nobody knows. */
  readonly text: string;
  /** With date, milliseconds and zone. */
  readonly title: string;
  /** Above a line whose day is another one than that of what was printed before it. */
  readonly day: string | null;
}

/** Line by line; null where there is nothing to show, or not yet. */
export type BlockTimes = readonly (ShownTime | null)[];

export type ShownZone = Exclude<Timestamps, "off">;

const NOBODY_KNOWS: ShownTime = { text: "–", title: "No time was recorded", day: null };

interface Kept {
  readonly times: BlockTimes;
  readonly version: number;
  /** Nothing of it can change any more. */
  readonly isComplete: boolean;
}

export class ShownTimes {
  readonly #times: LineTimes;
  readonly #zone: ShownZone;
  /** In a flood many lines came at once. */
  #last: { readonly at: number; readonly stamp: Stamp } | null = null;
  readonly #blocks = new WeakMap<OutputBlock, Kept>();

  constructor(times: LineTimes, zone: ShownZone) {
    this.#times = times;
    this.#zone = zone;
  }

  /** The same object for the same look, so that nothing is drawn again for nothing. */
  of(block: OutputBlock): BlockTimes {
    const kept = this.#blocks.get(block);
    const { version } = this.#times;
    if (kept && (kept.isComplete || kept.version === version)) return kept.times;
    let isComplete = true;
    const times = block.lines.map((line) => {
      if (!hasTime(line)) return null;
      const shown = this.#shown(line);
      if (shown === undefined) isComplete = false;
      return shown ?? null;
    });
    const isSame = kept !== undefined && times.every((one, i) => isEqual(one, kept.times[i]!));
    const next = { times: isSame ? kept.times : times, version, isComplete };
    this.#blocks.set(block, next);
    return next.times;
  }

  /** Undefined where that is not known yet. */
  #shown({ offset }: OutputLine): ShownTime | undefined {
    if (offset === null) return NOBODY_KNOWS;
    const at = this.#times.at(offset);
    if (at === undefined) return undefined;
    if (at === null) return NOBODY_KNOWS;
    const before = offset === 0 ? null : this.#times.at(offset - 1);
    if (before === undefined) return undefined;
    const isNewDay = before === null || this.#stamp(before).day !== this.#stamp(at).day;
    const { text, day, title } = this.#stamp(at);
    return { text, title, day: isNewDay ? day : null };
  }

  #stamp(at: number): Stamp {
    if (this.#last?.at !== at) this.#last = { at, stamp: formatStamp(at, this.#zone === "utc") };
    return this.#last.stamp;
  }
}

const hasTime = ({ kind, part }: OutputLine): boolean => kind === "text" && part === 0;

const isEqual = (one: ShownTime | null, other: ShownTime | null): boolean =>
  one?.text === other?.text && one?.title === other?.title && one?.day === other?.day;
