/** Runs functions when a process exits, through one listener: Node warns of a leak where there are more than ten. */

/** The part of `process` that is used here. */
export interface Exiting {
  on(event: "exit", listener: () => void): unknown;
}

/** Registers what runs on exit, however much it is. The function returned takes `run` back. One that throws keeps none of the others from running. */
export function runsOnExit(exiting: Exiting): (run: () => void) => () => void {
  const registered = new Set<{ readonly run: () => void }>();
  exiting.on("exit", () => {
    for (const { run } of registered) {
      try {
        run();
      } catch {
        // Nobody is left to hear of it.
      }
    }
  });
  return (run) => {
    const entry = { run };
    registered.add(entry);
    return () => registered.delete(entry);
  };
}
