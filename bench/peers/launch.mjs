/** One server of the bench as a process of its own: started, asked, ended. */
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { within } from "./crowd/within.mjs";

/** The processes of all servers that are alive. */
export const alive = new Set();

export async function launch(name, file, args = []) {
  const path = fileURLToPath(new URL(`servers/${file}`, import.meta.url));
  const child = fork(path, args, {
    execArgv: ["--expose-gc"],
    env: { ...process.env, NODE_ENV: "production" },
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  alive.add(child.pid);
  child.once("exit", () => alive.delete(child.pid));
  let complaints = "";
  child.stderr.setEncoding("utf8").on("data", (text) => {
    complaints = (complaints + text).slice(-4000);
  });
  const gone = new Promise((_resolve, reject) => {
    child.once("exit", (code, signal) =>
      reject(new Error(`its server ended (${code ?? signal}): ${reasonIn(complaints)}`)),
    );
  });
  gone.catch(() => {});
  const answers = new Map();
  let asked = 0;
  const started = new Promise((resolve) => {
    child.on("message", ({ port, id, answer, failure }) => {
      if (port !== undefined) resolve(port);
      else if (failure) answers.get(id)?.reject(new Error(`${name}: ${failure}`));
      else answers.get(id)?.resolve(answer);
      answers.delete(id);
    });
  });
  const ask = (what, argument, seconds = 60) => {
    const id = asked++;
    const answered = new Promise((resolve, reject) => answers.set(id, { resolve, reject }));
    child.send({ id, ask: what, argument });
    return within(seconds, `${name} answers ${what}`, Promise.race([answered, gone]));
  };
  const port = await within(120, `${name} starts`, Promise.race([started, gone]));
  return {
    port,
    pid: child.pid,
    ask,
    /** CPU in microseconds, memory in bytes. */
    usage: (options) => ask("usage", options),
    stop: async () => {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** The first line that says what was wrong. */
function reasonIn(complaints) {
  const lines = complaints.split("\n");
  return lines.find((line) => line.includes("Error")) ?? lines[0];
}
