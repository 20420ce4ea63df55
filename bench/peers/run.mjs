/**
 * Instep beside what a user would pick instead: `npm run bench:peers`. README.md in this folder says what is measured, and how.
 * A watcher that was ever shown what is not so fails the run.
 */
import { helpOn, readOptions } from "./options.mjs";
import { run } from "./session.mjs";
import { WORKLOADS } from "./workloads/index.mjs";

try {
  const options = readOptions(Object.keys(WORKLOADS));
  if (options.help) console.log(helpOn(Object.keys(WORKLOADS)));
  else await run(options);
} catch (error) {
  console.error(error.stack);
  process.exitCode = 1;
}
