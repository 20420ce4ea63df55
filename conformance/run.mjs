#!/usr/bin/env node
/** Holds a client, of any language, against transcripts of the protocol: it speaks JSON lines over stdin and stdout (conformance/README.md). */
import { spawn } from "node:child_process";
import { readFileSync, realpathSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";

/** A client that says nothing for so long is at fault. */
const LONGEST_SILENCE_MS = 30_000;

const file = new URL("./transcripts.json", import.meta.url);
export const { transcripts } = JSON.parse(readFileSync(file, "utf8"));

/**
 * Plays one transcript. `tell` takes a line; `ask` takes one that has an answer and gives that. Returns null where the client does as it
 * should, else a sentence.
 */
export async function play({ name, subject, lines }, { tell, ask }) {
  await tell({ do: "begin", name, subject });
  for (const [at, { expect, why, ...line }] of lines.entries()) {
    if (line.do !== "ask") await tell(line);
    else {
      const answer = await ask(line);
      const wrong = whyWrong(line.what, answer, expect);
      if (wrong !== null) return `${name}: after line ${at}: ${wrong} (${why})`;
    }
  }
  return null;
}

/** Of a mirror, what the transcript names is compared. */
function whyWrong(what, answer, expected) {
  if (what !== "mirror") return differing(what, answer, expected);
  if (typeof answer !== "object" || answer === null) return differing(what, answer, expected);
  for (const [key, value] of Object.entries(expected)) {
    const wrong = differing(key, answer[key] ?? null, value);
    if (wrong !== null) return wrong;
  }
  return null;
}

const differing = (name, got, wanted) =>
  isDeepStrictEqual(got, wanted)
    ? null
    : `${name} is ${JSON.stringify(got)}, and should be ${JSON.stringify(wanted)}`;

/** Runs a command as the client; gives the sentences of what was wrong. */
export async function conform([command, ...args]) {
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
  let ended = null;
  const gone = new Promise((resolve) => {
    child.on("error", (error) => resolve(`${command} cannot be run (${error.code})`));
    child.on("exit", (code, signal) => resolve(`the client ended (${signal ?? code})`));
  }).then((why) => {
    ended = why;
  });
  child.stdin.on("error", () => {}); // "exit" says it.
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const tell = (line) => void child.stdin.write(`${JSON.stringify(line)}\n`);
  const ask = async (line) => {
    tell(line);
    const timer = setTimeout(() => child.kill("SIGKILL"), LONGEST_SILENCE_MS);
    const { value, done } = await answers.next();
    clearTimeout(timer);
    if (done) {
      await gone;
      throw new Error(`${ended}, and ${line.what} was asked`);
    }
    try {
      return JSON.parse(value);
    } catch {
      throw new Error(`an answer is no JSON: ${value.slice(0, 200)}`);
    }
  };
  const wrong = [];
  try {
    for (const one of transcripts) {
      const why = await play(one, { tell, ask });
      if (why !== null) wrong.push(why);
    }
  } catch (error) {
    wrong.push(error.message);
  }
  child.stdin.end();
  const late = setTimeout(() => child.kill("SIGKILL"), LONGEST_SILENCE_MS);
  await gone;
  clearTimeout(late);
  return wrong;
}

async function main(words) {
  const command = words[0] === "--" ? words.slice(1) : words;
  if (command.length === 0) {
    process.stderr.write("Usage: instep-conformance -- COMMAND [ARGUMENT...]\n");
    return 2;
  }
  const wrong = await conform(command);
  for (const why of wrong) process.stdout.write(`wrong: ${why}\n`);
  const passed = `${transcripts.length - wrong.length} of ${transcripts.length} transcripts passed\n`;
  process.stdout.write(passed);
  return wrong.length === 0 ? 0 : 1;
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url))
  process.exitCode = await main(process.argv.slice(2));
