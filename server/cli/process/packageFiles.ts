/** Files that come with the package: its examples, and what editors know recipes by. */
import { existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** The package's own folder, seen from here, the nearest first: built into one file (dist/command), in the sources, and built file by file (dist/server/cli/process). */
const PLACES = ["../../", "../../../", "../../../../"];

/** Absolute; null where the package came without it. */
export function ofPackage(name: string): string | null {
  const places = PLACES.map((place) =>
    path.resolve(fileURLToPath(new URL(place, import.meta.url)), name),
  );
  return places.find((place) => existsSync(place)) ?? null;
}

/** Absolute; null where the package came without them. */
export const examplesDir = (): string | null => ofPackage("examples");

/** The example that needs nothing but a shell, absolute; null where it is not there. */
export function firstExample(): string | null {
  const file = path.join(examplesDir() ?? "", "backup.yaml");
  return existsSync(file) ? file : null;
}
