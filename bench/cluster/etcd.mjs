/** An etcd of one or three members on loopback, in a folder of its own. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { freeUrl } from "../freeUrl.mjs";

/** Resolves once every member serves. `watches` says how many watches all of them hold, `cpuUs` how much time on a processor they took; `end` leaves nothing. */
export async function startEtcd(folder, count) {
  const members = [];
  for (let at = 0; at < count; at++)
    members.push({ name: `m${at}`, client: await freeUrl(), peer: await freeUrl() });
  const all = members.map(({ name, peer }) => `${name}=${peer}`).join(",");
  const processes = members.map(({ name, client, peer }) =>
    spawn(
      "etcd",
      [
        ...["--name", name, "--data-dir", join(folder, name), "--log-level", "error"],
        ...["--listen-client-urls", client, "--advertise-client-urls", client],
        ...["--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer],
        ...["--initial-cluster", all],
      ],
      { stdio: "ignore" },
    ),
  );
  for (const one of processes)
    one.once("error", () => {
      throw new Error("there is no etcd on PATH (Debian: apt-get install etcd-server)");
    });
  await Promise.all(members.map(({ client }) => healthy(client)));
  const sumOf = async (metric) => {
    const values = members.map(async ({ client }) => {
      const text = await (await fetch(`${client}/metrics`)).text();
      return Number(new RegExp(`^${metric} (\\S+)`, "m").exec(text)?.[1] ?? 0);
    });
    return (await Promise.all(values)).reduce((sum, one) => sum + one, 0);
  };
  return {
    endpoints: members.map(({ client }) => client),
    watches: () => sumOf("etcd_debugging_mvcc_watcher_total"),
    cpuUs: async () => (await sumOf("process_cpu_seconds_total")) * 1e6,
    end: async () => {
      for (const one of processes) {
        one.kill("SIGKILL");
        if (one.exitCode === null && one.signalCode === null) await once(one, "exit");
      }
    },
  };
}

async function healthy(url) {
  for (let tries = 0; ; tries++) {
    const answer = await fetch(`${url}/health`).catch(() => null);
    if (answer?.ok && (await answer.json()).health === "true") return;
    if (tries === 300) throw new Error(`the member at ${url} does not serve`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
