/** A file that was meant as a recipe and is none: which one there is that was probably meant. */
import { opendirSync } from "node:fs";
import path from "node:path";
import { didYouMean, listed, nearest, theOnlyLonger } from "../../../shared/text/nearest.js";

const MOST_LOOKED_AT = 2_000;
const YAML = /^[^.].*\.ya?ml$/i;
/** Where recipes usually are. */
const USUAL_FOLDER = "workflows";

/** The end of a sentence on a file that is not there; empty where nothing is near. `file` as it was typed. */
export function recipeMeant(file: string, cwd: string): string {
  const folders = [path.dirname(file), ...(path.dirname(file) === "." ? [USUAL_FOLDER] : [])];
  for (const folder of folders) {
    const names = recipesIn(path.resolve(cwd, folder));
    const name = path.basename(file);
    const stem = (one: string) => one.replace(/\.[^.]*$/, "");
    const meant =
      names.find((one) => one === name || stem(one) === stem(name)) ??
      nearest(name, names) ??
      names.find((one) => stem(one) === nearest(stem(name), names.map(stem))) ??
      theOnlyLonger(name, names);
    if (meant != null) return didYouMean(path.join(folder, meant));
  }
  return "";
}

/** The same for a folder: which recipes are in it. */
export function recipesInside(folder: string, cwd: string): string {
  const names = recipesIn(path.resolve(cwd, folder)).map((name) => path.join(folder, name));
  if (names.length === 0) return "";
  return names.length === 1 ? didYouMean(names[0]!) : `; in it are ${listed(names)}`;
}

/** Without those that cannot be read; in the order of their names. */
function recipesIn(folder: string): string[] {
  const names: string[] = [];
  try {
    const entries = opendirSync(folder);
    try {
      for (let looked = 0; looked < MOST_LOOKED_AT; looked++) {
        const entry = entries.readSync();
        if (!entry) break;
        if (YAML.test(entry.name)) names.push(entry.name);
      }
    } finally {
      entries.closeSync();
    }
  } catch {
    return [];
  }
  return names.sort();
}
