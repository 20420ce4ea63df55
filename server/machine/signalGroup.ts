/** Sends a signal to a command and to everything it started in its process group. */

/** The system's own; 0 only asks. False when there is no such group. */
export function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-group, signal);
  } catch (error) {
    // EPERM: some of it is another user's by now; it exists, and is not ours to end.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
