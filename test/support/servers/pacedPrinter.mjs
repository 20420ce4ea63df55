/**
 * A command that prints at a pace and keeps the same bytes in a copy of its own, so that a log can be compared with what was really printed.
 *
 *   node pacedPrinter.mjs COPY BYTES_A_SECOND MOST
 *
 * It ends once there is a file "go", or after MOST bytes and such a file.
 */
import { appendFileSync, existsSync, openSync, writeSync } from "node:fs";

const [copy, pace, most] = process.argv.slice(2);
const copied = openSync(copy, "w");
const began = performance.now();
let printed = 0;
let line = 0;

appendFileSync(`${copy}.starts`, `${process.env.INSTEP_STEP} ${process.env.INSTEP_ATTEMPT}\n`);
const turn = setInterval(() => {
  if (existsSync("go")) return end();
  const due = Math.min(most, ((performance.now() - began) / 1000) * pace);
  if (printed < due) print(linesOf(due - printed));
}, 10);

function end() {
  clearInterval(turn);
  print(Buffer.from("the end, without a line end"));
  process.exitCode = 5;
}

function linesOf(bytes) {
  const lines = [];
  for (let length = 0; length < bytes; length += lines.at(-1).length) {
    line += 1;
    lines.push(
      `${String(line).padStart(8, "0")} ${"é".repeat(line % 40)}${line % 3 === 0 ? "\r\n" : "\n"}`,
    );
  }
  return Buffer.from(lines.join(""));
}

/** The copy is first: nothing may be in the log that is not in it. */
function print(bytes) {
  writeSync(copied, bytes);
  for (let at = 0; at < bytes.length; ) at += writeSync(1, bytes, at);
  printed += bytes.length;
}
