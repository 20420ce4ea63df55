/** What every part of the set-up needs: where it works, how it speaks, how it runs a tool. */
import { spawn } from "node:child_process";
import * as fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");

/** Its message is all that is said. */
export class SetupError extends Error {}

export const say = (sentence) => process.stderr.write(`${sentence}\n`);

/** Runs a tool and keeps its output to itself unless the tool fails. */
export function run(why, command, args, env = {}, name = command) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: ROOT,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const output = [];
    child.stdout.on("data", (chunk) => output.push(chunk));
    child.stderr.on("data", (chunk) => output.push(chunk));
    child.on("error", (error) =>
      reject(new SetupError(`${why}: ${name} did not start (${error.message}).`)),
    );
    child.on("close", (code, signal) => {
      if (code === 0) return resolve();
      process.stderr.write(Buffer.concat(output));
      const end = signal ? `was ended by ${signal}` : `ended with ${code}`;
      reject(new SetupError(`${why}: \`${name} ${args.join(" ")}\` ${end}; its output is above.`));
    });
  });
}

/** Where a command is; null where there is none. `more` are folders beside the PATH. */
export function find(command, more = []) {
  const folders = [...(process.env.PATH ?? "").split(path.delimiter), ...more];
  const files = folders
    .filter((folder) => folder !== "")
    .map((folder) => path.join(folder, command));
  return files.find((file) => fs.existsSync(file)) ?? null;
}
