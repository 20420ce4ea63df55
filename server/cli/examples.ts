/** The examples that come with the package. */
import { existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** Beside the package's code, both built (dist/server/cli) and in the sources. */
const PLACES = ["../../../examples/", "../../examples/"];

/** Absolute; null where the package came without them. */
export function examplesDir(): string | null {
  const places = PLACES.map((place) =>
    path.resolve(fileURLToPath(new URL(place, import.meta.url))),
  );
  return places.find((place) => existsSync(place)) ?? null;
}

/** The example that needs nothing but a shell, absolute; null where it is not there. */
export function firstExample(): string | null {
  const file = path.join(examplesDir() ?? "", "backup.yaml");
  return existsSync(file) ? file : null;
}
