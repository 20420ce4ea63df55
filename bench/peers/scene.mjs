/** What is played: one workflow of many steps, and the updates of its driver. Update k is known from its number alone, so is the state after it. */

export const STEPS = 20;
/** A step begins, reports seven times, and is completed. Eighths: a number that keeps them in four bytes keeps them whole. */
const REPORTS = 9;

/** 2.5 KB of JSON where it has 20 steps. */
export function stateOf(workflow_id, steps = STEPS) {
  return {
    workflow_id,
    title: "A workflow that a bench looks at",
    status: "running",
    current_step: 0,
    steps: Array.from({ length: steps }, (_, index) => ({
      action: `step_${index}`,
      title: `What happens in step ${index} of this workflow`,
      status: "pending",
      index,
    })),
  };
}

/** Counted from 1. A report has two fields, and two of nine a new status beside them. */
export function updateOf(number, steps = STEPS) {
  const block = Math.floor((number - 1) / REPORTS);
  return { index: block % steps, update: reportOf(number) };
}

/** Whether the update is a report of two fields, of progress and message alone. */
export function isPlainReport(number) {
  const report = (number - 1) % REPORTS;
  return report !== 0 && report !== REPORTS - 1;
}

function reportOf(number) {
  const report = (number - 1) % REPORTS;
  const update = { progress: report / (REPORTS - 1), message: messageOf(number) };
  if (report === 0) return { status: "in_progress", ...update };
  if (report === REPORTS - 1) return { status: "completed", ...update };
  return update;
}

function messageOf(number) {
  return `${String(number).padStart(8, "0")} files copied`;
}

/** The number of the newest update that is in these steps; 0 where none is. */
export function newestIn(steps) {
  let newest = 0;
  for (const { message } of steps) {
    if (message) newest = Math.max(newest, Number(message.slice(0, 8)));
  }
  return newest;
}

/** The number of the newest update in the steps of a mirror. Throws where they are not what they must be after it. */
export function checkedNumber(steps) {
  const number = newestIn(steps);
  const wrong = wrongIn(steps, number);
  if (wrong) throw new Error(`a watcher shows what is not so: ${wrong}`);
  return number;
}

/** In words, the first thing in which these steps are not what they must be after update `number`; undefined where they are right. */
export function wrongIn(steps, number, count = STEPS) {
  if (steps.length !== count) return `${steps.length} steps in place of ${count}`;
  const block = Math.floor((number - 1) / REPORTS);
  for (let index = 0; index < count; index++) {
    const own = block - ((((block - index) % count) + count) % count);
    const last = own < 0 || number === 0 ? 0 : Math.min(number, (own + 1) * REPORTS);
    const wanted = last === 0 ? { status: "pending" } : expectedOf(last);
    for (const key of ["status", "progress", "message"]) {
      if (steps[index][key] !== wanted[key])
        return `step ${index} after update ${number}: ${key} is ${steps[index][key]}, not ${wanted[key]}`;
    }
  }
  return undefined;
}

function expectedOf(number) {
  return { status: "in_progress", ...reportOf(number) };
}
