/** The house as a whole: its folders and the arrows between them. */
import { dirname } from "node:path";

interface Arrow {
  readonly file: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

/** Each folder with the number of files that lie in it directly. */
export function foldersOf(files: readonly string[]): { folder: string; files: number }[] {
  const counts = new Map<string, number>();
  for (const file of files) counts.set(dirname(file), (counts.get(dirname(file)) ?? 0) + 1);
  return [...counts].map(([folder, count]) => ({ folder, files: count }));
}

/**
 * The groups of folders that lead to each other, each with one arrow for every pair. A folder and a folder in it are two. Types count
 * as values do, but for those inferred from a schema, which are the contract's.
 */
export function circlesOf(arrows: readonly Arrow[]): string[] {
  const between = new Map<string, Map<string, string>>();
  for (const { file, to, typeOnly } of arrows) {
    const [from, target] = [roomOf(file), roomOf(to)];
    if (from === target || (typeOnly && to.startsWith("shared/schema/"))) continue;
    const targets = between.get(from) ?? new Map<string, string>();
    if (!targets.has(target)) targets.set(target, `${file} -> ${to}`);
    between.set(from, targets);
  }
  const reachedFrom = new Map(
    [...between.keys()].map((folder) => [folder, reach(folder, between)]),
  );
  const circles = new Set<string>();
  for (const [folder, targets] of between) {
    for (const [target, arrow] of targets) {
      if (reachedFrom.get(target)?.has(folder)) circles.add(arrow);
    }
  }
  return [...circles];
}

/** The process's own file stands above its folder: it starts the whole. */
const roomOf = (file: string): string => (file === "server/main.ts" ? file : dirname(file));

function reach(
  start: string,
  between: ReadonlyMap<string, ReadonlyMap<string, string>>,
): ReadonlySet<string> {
  const reached = new Set<string>();
  const next = [start];
  for (let folder = next.pop(); folder !== undefined; folder = next.pop()) {
    for (const target of between.get(folder)?.keys() ?? []) {
      if (!reached.has(target)) {
        reached.add(target);
        next.push(target);
      }
    }
  }
  return reached;
}
