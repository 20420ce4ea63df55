/** Fair shares of the event loop: a peer that sends much waits behind those that send little. */
import type { Clock } from "../../../shared/clock.js";

/** Returns the rest that is left for a later turn, if any: it runs before the tasks that its lane was given meanwhile. */
export type Task = () => Task | undefined;

/** So long the tasks of one turn may take together. Between turns the network is looked at, and saves go on: each takes several. */
const TURN_MS = 1;
/** So many tasks of one lane run at once in a turn. */
const MOST_IN_A_TURN = 32;

/** A frame or body of this size or more is read, checked and done in a step each. */
export const LARGE_BYTES = 64 * 1024;

/** Yields where others may have a turn in between. */
export type Steps = Generator<undefined, void>;

/** Runs up to the next yield in each turn. */
export function inTurns(steps: Steps): Task {
  const task = (): Task | undefined => (steps.next().done ? undefined : task);
  return task;
}

/** Resolves with the result of the work, done in a lane of its own; with null where `signal` ended it. Rejects with the error it throws. */
export function done<Result>(
  turns: Turns,
  work: Generator<undefined, Result>,
  signal: AbortSignal,
): Promise<Result | null> {
  return new Promise((resolve, reject) => {
    const lane = turns.lane(() => {});
    const task = (): Task | undefined => {
      try {
        const { done: isDone, value } = work.next();
        if (!isDone) return task;
        resolve(value);
      } catch (error) {
        reject(error);
      }
      return undefined;
    };
    const end = () => {
      lane.end();
      resolve(null);
    };
    if (signal.aborted) return end();
    signal.addEventListener("abort", end, { once: true });
    lane.do(task);
  });
}

/** The tasks of one peer, which run in order. */
export class Lane {
  readonly tasks: Task[] = [];
  /** How long its tasks took, in ms. A lane that was idle starts from the least of those that wait, so that it has not saved up time. */
  spent = 0;
  ranInTurn = 0;
  readonly #turns: Turns;
  readonly #waits: (waits: boolean) => void;
  #isWaiting = false;
  #isHeld = false;
  #isOver = false;

  constructor(turns: Turns, waits: (waits: boolean) => void) {
    this.#turns = turns;
    this.#waits = waits;
  }

  get isHeld(): boolean {
    return this.#isHeld;
  }

  /** Until `release` none of its tasks is run: they wait for something else than their turn. */
  hold(): void {
    this.#isHeld = true;
  }

  release(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    this.#turns.goOn(this);
  }

  /** Now where there is time, else in a later turn. */
  do(task: Task): void {
    if (!this.#isOver) this.#turns.do(this, task);
  }

  /** Runs the task; its rest comes next in this lane. */
  run(task: Task): void {
    const rest = task();
    if (rest && !this.#isOver) this.tasks.unshift(rest);
  }

  /** After its tasks have changed. */
  tell(): void {
    const isWaiting = this.tasks.length > 0;
    if (isWaiting === this.#isWaiting) return;
    this.#isWaiting = isWaiting;
    this.#waits(isWaiting);
  }

  /** Tasks that still wait are never run, nor are later ones. */
  end(): void {
    this.#isOver = true;
    this.tasks.length = 0;
    this.#turns.forget(this);
  }
}

export class Turns {
  readonly #clock: Pick<Clock, "elapsed">;
  readonly #nextTurn: (run: () => void) => void;
  readonly #waiting = new Set<Lane>();
  /** Those that ran something in this turn. */
  readonly #ran = new Set<Lane>();
  #spent = 0;
  #least = 0;
  #isArmed = false;

  constructor(clock: Pick<Clock, "elapsed">, nextTurn: (run: () => void) => void) {
    this.#clock = clock;
    this.#nextTurn = nextTurn;
  }

  /** `waits` is told when its first task has to wait, and when none does any more: time to stop reading, and to go on. */
  lane(waits: (waits: boolean) => void): Lane {
    return new Lane(this, waits);
  }

  do(lane: Lane, task: Task): void {
    this.#arm();
    if (lane.tasks.length === 0 && this.#hasTimeFor(lane)) return this.#run(lane, task);
    lane.tasks.push(task);
    this.#settle(lane);
  }

  /** A lane that was held waits for its turn again. */
  goOn(lane: Lane): void {
    this.#arm();
    this.#settle(lane);
  }

  forget(lane: Lane): void {
    this.#waiting.delete(lane);
  }

  #hasTimeFor({ ranInTurn, isHeld }: Lane): boolean {
    return !isHeld && this.#spent < TURN_MS && ranInTurn < MOST_IN_A_TURN;
  }

  #arm(): void {
    if (this.#isArmed) return;
    this.#isArmed = true;
    this.#nextTurn(() => this.#turn());
  }

  #turn(): void {
    this.#isArmed = false;
    this.#spent = 0;
    for (const lane of this.#ran) lane.ranInTurn = 0;
    this.#ran.clear();
    for (let lane = this.#poorest(); lane; lane = this.#poorest()) {
      const task = lane.tasks.shift();
      if (task) this.#run(lane, task);
    }
    if (this.#waiting.size > 0) this.#arm();
  }

  /** The waiting lane that took least time; null where the turn is over. */
  #poorest(): Lane | null {
    let poorest: Lane | null = null;
    for (const lane of this.#waiting) {
      if (this.#hasTimeFor(lane) && (!poorest || lane.spent < poorest.spent)) poorest = lane;
    }
    if (poorest) this.#least = Math.max(this.#least, poorest.spent);
    return poorest;
  }

  #run(lane: Lane, task: Task): void {
    const started = this.#clock.elapsed();
    lane.ranInTurn += 1;
    this.#ran.add(lane);
    try {
      lane.run(task);
    } finally {
      const took = this.#clock.elapsed() - started;
      lane.spent += took;
      this.#spent += took;
      this.#settle(lane);
    }
  }

  #settle(lane: Lane): void {
    if (lane.tasks.length === 0 || lane.isHeld) this.#waiting.delete(lane);
    else if (!this.#waiting.has(lane)) {
      lane.spent = Math.max(lane.spent, this.#least);
      this.#waiting.add(lane);
    }
    lane.tell();
  }
}
