/** Who takes part: a server process for each, and how to speak with it. */
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { Crowd } from "./crowd/crowd.mjs";
import { Driver } from "./crowd/driver.mjs";
import { launch } from "./launch.mjs";

const PEERS = {
  ws: { server: ["ws.mjs"], speech: async () => (await import("./speech/ws.mjs")).ws },
  preframed: {
    server: ["ws.mjs", "preframed"],
    speech: async () => (await import("./speech/ws.mjs")).ws,
  },
  socketio: {
    server: ["socketio.mjs"],
    speech: async () => (await import("./speech/socketio.mjs")).socketio,
  },
  hocuspocus: {
    server: ["hocuspocus.mjs"],
    speech: async () => (await import("./speech/hocuspocus.mjs")).hocuspocus,
  },
  colyseus: {
    server: ["colyseus.mjs"],
    speech: async () => (await import("./speech/colyseus.mjs")).colyseus,
  },
};

export const PEER_NAMES = ["instep", ...Object.keys(PEERS)];

/** Those that have no watchers. */
export const DURABLE_NAMES = ["append", "sqlite"];

/** Starts those that are named, and the builds of Instep. Who cannot be started is left out, with the reason. */
export async function startPeers({ names, builds, folder }) {
  const peers = [];
  const leftOut = [];
  for (const [name, root] of Object.entries(builds)) {
    peers.push(await startInstep(name, root, folder));
  }
  for (const name of names.filter((one) => one in PEERS)) {
    try {
      const { server, speech } = PEERS[name];
      const words = await speech();
      peers.push(peerOf(name, words, await launch(name, ...splitOf(server))));
    } catch (error) {
      leftOut.push({ name, reason: error.message.split("\n")[0] });
    }
  }
  return { peers, leftOut };
}

const splitOf = ([file, ...args]) => [file, args];

export async function startInstep(name, root, folder) {
  const { instep } = await import("./speech/instep.mjs");
  const dataDir = await mkdtemp(join(folder, "instep-bench-"));
  const server = await launch(name, "instep.mjs", [root, dataDir]);
  await instep.prepare(server.port);
  const peer = peerOf(name, instep, server);
  peer.isInstep = true;
  peer.stop = async () => {
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
  return peer;
}

function peerOf(name, speech, server) {
  const peer = { name, speech, server, port: server.port, isInstep: false, stop: server.stop };
  peer.crowd = new Crowd(peer);
  peer.driver = new Driver(peer);
  return peer;
}
