/** What can be asked of the bench on its command line. */
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { DURABLE_NAMES, PEER_NAMES } from "./peers.mjs";

export const ROOT = fileURLToPath(new URL("../../", import.meta.url));

export const helpOn = (workloads) => `npm run bench:peers -- [options]

  --only a,b,…         parts of the run: ${workloads.join(", ")}
  --peers ws,…         who takes part: ${[...PEER_NAMES, ...DURABLE_NAMES].join(", ")}
  --watchers 50,200    how many watchers (50,200,1000)
  --rounds N           rounds of the short slices (4)
  --seconds S          length of a slice (0.5)
  --instep NAME=PATH   another build of Instep takes part, from its worktree (repeatable)
  --json FILE          every figure of every round, and the verdicts
  --table              the tables for readers, in Markdown
  --docs               puts those tables into docs/operating.md
  --quick              everything in miniature, to see that it is right; no figures
`;

export function readOptions(workloads) {
  const { values } = parseArgs({
    options: {
      only: { type: "string" },
      peers: { type: "string" },
      watchers: { type: "string" },
      rounds: { type: "string" },
      seconds: { type: "string" },
      instep: { type: "string", multiple: true },
      json: { type: "string" },
      table: { type: "boolean", default: false },
      docs: { type: "boolean", default: false },
      quick: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const quick = values.quick;
  return {
    ...values,
    only: choice("only", values.only, workloads),
    names: choice("peers", values.peers, [...PEER_NAMES, ...DURABLE_NAMES]),
    watchers: numbers("watchers", values.watchers ?? (quick ? "5" : "50,200,1000")),
    rounds: numbers("rounds", values.rounds ?? (quick ? "1" : "4"))[0],
    seconds: numbers("seconds", values.seconds ?? (quick ? "0.05" : "0.5"))[0],
    builds: { instep: ROOT, ...Object.fromEntries((values.instep ?? []).map(build)) },
  };
}

function build(text) {
  const at = text.indexOf("=");
  if (at < 1) throw new Error(`--instep takes NAME=PATH, not ${text}`);
  return [text.slice(0, at), resolve(text.slice(at + 1))];
}

function choice(option, text, known) {
  if (text === undefined) return known;
  const wanted = text.split(",");
  const unknown = wanted.filter((one) => !known.includes(one));
  if (unknown.length > 0)
    throw new Error(`--${option} knows ${known.join(", ")}; not ${unknown.join(", ")}`);
  return wanted;
}

function numbers(option, text) {
  const read = text.split(",").map(Number);
  if (read.some((one) => !(one > 0))) throw new Error(`--${option} takes numbers, not ${text}`);
  return read;
}
