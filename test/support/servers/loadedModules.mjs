/** Preloaded into a process: writes what it loads, an address a line, into the file that LOADED_MODULES names. */
import { appendFileSync } from "node:fs";
import { createRequire, register } from "node:module";
import { isMainThread } from "node:worker_threads";

const write = (name) => appendFileSync(process.env.LOADED_MODULES, `${name}\n`);

if (isMainThread) {
  register(import.meta.url);
  // Of Node's own parts only those that are loaded when they are first used; `fetch` is one.
  process.on("exit", () => {
    for (const file of Object.keys(createRequire(import.meta.url).cache)) write(file);
    for (const name of process.moduleLoadList) if (/undici/.test(name)) write("node:undici");
  });
}

/** Node's hook, in a thread of its own. */
export function load(url, context, next) {
  write(url);
  return next(url, context);
}
