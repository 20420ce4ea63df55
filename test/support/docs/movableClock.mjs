/**
 * Loaded into a process before its own code (`--import`): its time is the real one, and can be moved on from outside. Whoever
 * moves it writes how far ahead it is into the file `ahead` of the folder DOCS_CLOCK and sends SIGUSR2; the process does what falls due on the
 * way, and then writes the same number into a file named by its pid. A process that starts later begins as far ahead.
 */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

/** Between two of these the process gets round to what came in meanwhile: a heartbeat that is answered ends nothing. */
const STEP_MS = 1_000;
const BREATH_MS = 2;

const folder = process.env.DOCS_CLOCK;
const real = {
  now: Date.now,
  elapsed: performance.now.bind(performance),
  setTimeout,
  clearTimeout,
};

if (folder !== undefined) {
  const told = join(folder, "ahead");
  const own = join(folder, String(process.pid));
  const clock = movable(Number(readFileSync(told, "utf8")));
  let isMoving = false;
  process.on("SIGUSR2", async () => {
    if (isMoving) return;
    isMoving = true;
    await clock.moveTo(() => Number(readFileSync(told, "utf8")));
    isMoving = false;
    writeFileSync(own, String(clock.ahead()));
  });
  process.on("exit", () => rmSync(own, { force: true }));
  writeFileSync(own, String(clock.ahead()));
}

/** Puts itself in the place of the process's own clock and timers. */
function movable(start) {
  let ahead = start;
  const waiting = new Map();

  const arm = (handle, entry) => {
    const left = Math.max(0, entry.at - ahead - real.elapsed());
    entry.timer = real.setTimeout(() => ring(handle, entry), left);
    return entry.timer;
  };
  const ring = (handle, entry) => {
    real.clearTimeout(entry.timer);
    waiting.delete(handle);
    if (entry.every !== undefined) again(handle, entry);
    entry.run();
  };
  const again = (handle, entry) => {
    entry.at += entry.every;
    const timer = arm(handle, entry);
    if (!entry.hasRef) timer.unref();
    waiting.set(handle, entry);
  };
  const begin = (run, ms, args, isRepeated) => {
    const wait = Math.max(1, Number(ms) || 1);
    const entry = {
      at: real.elapsed() + ahead + wait,
      every: isRepeated ? wait : undefined,
      run: () => run(...args),
      hasRef: true,
    };
    // The first real timer stands for it, whichever later one rings.
    const handle = real.setTimeout(() => ring(handle, entry), wait);
    entry.timer = handle;
    waiting.set(handle, entry);
    return handle;
  };
  const end = (handle) => {
    const entry = waiting.get(handle);
    waiting.delete(handle);
    if (entry) real.clearTimeout(entry.timer);
    real.clearTimeout(handle);
  };

  globalThis.setTimeout = (run, ms, ...args) => begin(run, ms, args, false);
  globalThis.setInterval = (run, ms, ...args) => begin(run, ms, args, true);
  globalThis.clearTimeout = end;
  globalThis.clearInterval = end;
  Date.now = () => real.now() + ahead;
  performance.now = () => real.elapsed() + ahead;
  globalThis.setTimeout[promisify.custom] = (ms, value) =>
    new Promise((resolve) => begin(resolve, ms, [value], false));

  const ringDue = () => {
    const now = real.elapsed() + ahead;
    const due = [...waiting].filter(([, { at }]) => at <= now).sort(([, a], [, b]) => a.at - b.at);
    for (const [handle, entry] of due) if (waiting.has(handle)) ring(handle, entry);
  };
  /** A timer that was set before the move rings as much earlier. */
  const armAgain = () => {
    for (const [handle, entry] of waiting) {
      entry.hasRef = entry.timer.hasRef();
      real.clearTimeout(entry.timer);
      const timer = arm(handle, entry);
      if (!entry.hasRef) timer.unref();
    }
  };

  return {
    ahead: () => ahead,
    moveTo: async (target) => {
      while (ahead < target()) {
        ahead = Math.min(target(), ahead + STEP_MS);
        ringDue();
        await new Promise((resolve) => real.setTimeout(resolve, BREATH_MS));
      }
      armAgain();
    },
  };
}
