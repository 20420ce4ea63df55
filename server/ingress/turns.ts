/** Fair shares of the event loop: whoever sends much waits behind those who send little. */
import type { Clock } from "../../shared/clock.js";

type Task = () => void;

/** So long the tasks of one turn may take together. Between turns the network is looked at, and saves go on: each takes several. */
const TURN_MS = 1;
/** So many tasks of one lane run at once in a turn. */
const MOST_IN_A_TURN = 32;

/** The tasks of one peer, which run in order. */
export class Lane {
  readonly tasks: Task[] = [];
  /** What its tasks took, in ms; one that was idle is as far as the least of those that wait. */
  spent = 0;
  ranInTurn = 0;
  readonly #turns: Turns;
  readonly #waits: (waits: boolean) => void;

  constructor(turns: Turns, waits: (waits: boolean) => void) {
    this.#turns = turns;
    this.#waits = waits;
  }

  /** Now where there is time, else in a later turn. */
  do(task: Task): void {
    this.#turns.do(this, task);
  }

  wait(task: Task): void {
    if (this.tasks.push(task) === 1) this.#waits(true);
  }

  next(): Task | undefined {
    const task = this.tasks.shift();
    if (task && this.tasks.length === 0) this.#waits(false);
    return task;
  }

  /** What still waits is never done. */
  end(): void {
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
    if (lane.tasks.length === 0) lane.spent = Math.max(lane.spent, this.#least);
    lane.wait(task);
    this.#waiting.add(lane);
  }

  forget(lane: Lane): void {
    this.#waiting.delete(lane);
  }

  #hasTimeFor({ ranInTurn }: Lane): boolean {
    return this.#spent < TURN_MS && ranInTurn < MOST_IN_A_TURN;
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
      const task = lane.next();
      if (lane.tasks.length === 0) this.#waiting.delete(lane);
      if (task) this.#run(lane, task);
    }
    if (this.#waiting.size > 0) this.#arm();
  }

  /** Of those that wait, whoever took least; null where the turn is over. */
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
      task();
    } finally {
      const took = this.#clock.elapsed() - started;
      lane.spent += took;
      this.#spent += took;
    }
  }
}
