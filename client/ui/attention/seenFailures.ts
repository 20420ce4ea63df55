/** Remembers which failed runs this browser has shown, so that nobody is called twice to the same one. */
const KEY = "instep.seen-failures";
/** More than a list shows. */
const MOST = 400;

export function hasSeen(settings: Storage, epoch: string): boolean {
  return read(settings).includes(epoch);
}

export function keepSeen(settings: Storage, epoch: string): void {
  const seen = read(settings);
  if (!seen.includes(epoch)) settings.setItem(KEY, JSON.stringify([...seen, epoch].slice(-MOST)));
}

function read(settings: Storage): string[] {
  try {
    const kept: unknown = JSON.parse(settings.getItem(KEY) ?? "[]");
    return Array.isArray(kept) ? kept.filter((one) => typeof one === "string") : [];
  } catch {
    return [];
  }
}
