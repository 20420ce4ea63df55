#!/usr/bin/env node
/** Holds a client, of any language, against transcripts of the protocol over stdin and stdout, or a server against calls of its own (conformance/README.md). */
import { spawn } from "node:child_process";
import { readFileSync, realpathSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual, parseArgs } from "node:util";

/** A client that says nothing for so long is at fault. */
const LONGEST_SILENCE_MS = 30_000;

const file = new URL("./transcripts.json", import.meta.url);
export const { transcripts } = JSON.parse(readFileSync(file, "utf8"));

export const PARTS = ["state", "output", "commands"];
/** The part of a client that was written before there were parts. */
const FIRST_PART = ["state"];

const partOf = ({ part = "state" }) => part;

/**
 * Plays one transcript. `tell` takes a line; `ask` takes one that has an answer and gives that. Returns null where the client does as it
 * should, else a sentence.
 */
export async function play({ lines, ...begin }, { tell, ask }) {
  await tell({ do: "begin", ...begin });
  for (const [at, { expect, why, ...line }] of lines.entries()) {
    if (line.do !== "ask") await tell(line);
    else {
      const answer = await ask(line);
      const wrong = whyWrong(line.what, answer, expect);
      if (wrong !== null) return `${begin.name}: after line ${at}: ${wrong} (${why})`;
    }
  }
  return null;
}

/** Of a mirror, an output and an outcome, what the transcript names is compared. */
function whyWrong(what, answer, expected) {
  const isNamed = what === "mirror" || what === "output" || what === "outcome";
  if (!isNamed || !isObject(answer) || !isObject(expected))
    return differing(what, answer, expected);
  for (const [key, value] of Object.entries(expected)) {
    const got = answer[key] ?? null;
    const wrong =
      what === "outcome" && isObject(value)
        ? whyWrong(what, got, value)
        : differing(key, got, value);
    if (wrong !== null) return wrong;
  }
  return null;
}

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

const differing = (name, got, wanted) =>
  isDeepStrictEqual(got, wanted)
    ? null
    : `${name} is ${JSON.stringify(got)}, and should be ${JSON.stringify(wanted)}`;

/** Runs a command as the client; gives the sentences of what was wrong. */
export async function conform([command, ...args], parts = FIRST_PART) {
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
    for (const one of transcripts.filter((each) => parts.includes(partOf(each)))) {
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

const USAGE = `Usage: instep-conformance [--parts ${PARTS.join(",")}] -- COMMAND [ARGUMENT...]
       instep-conformance --server URL [--token TOKEN]
`;

async function main(words) {
  let given;
  try {
    given = parseArgs({
      args: words,
      options: { parts: { type: "string" }, server: { type: "string" }, token: { type: "string" } },
      allowPositionals: true,
    });
  } catch (error) {
    process.stderr.write(`${error.message}\n${USAGE}`);
    return 2;
  }
  const { values, positionals: command } = given;
  const parts = values.parts?.split(",") ?? FIRST_PART;
  const unknown = parts.find((part) => !PARTS.includes(part));
  const isServer = values.server !== undefined;
  const isClear = isServer !== command.length > 0 && URL.canParse(values.server ?? "http://a");
  if (unknown !== undefined || !isClear) {
    process.stderr.write(unknown === undefined ? USAGE : `There is no part ${unknown}.\n${USAGE}`);
    return 2;
  }
  if (isServer) {
    const [{ conformServer }, { CHECKS }] = await Promise.all([
      import("./server.mjs"),
      import("./checks.mjs"),
    ]);
    return told(await conformServer(values.server, values), CHECKS.length, "checks");
  }
  const played = transcripts.filter((each) => parts.includes(partOf(each)));
  const left = PARTS.filter((part) => !parts.includes(part));
  const also = left.length === 0 ? "" : ` (of ${parts}; --parts tries ${left}, too)`;
  return told(await conform(command, parts), played.length, "transcripts", also);
}

function told(wrong, count, what, also = "") {
  for (const why of wrong) process.stdout.write(`wrong: ${why}\n`);
  const passed = Math.max(0, count - wrong.length);
  process.stdout.write(`${passed} of ${count} ${what} passed${also}\n`);
  return wrong.length === 0 ? 0 : 1;
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url))
  process.exitCode = await main(process.argv.slice(2));
