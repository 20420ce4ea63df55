/** A server in a process of its own that tells how long its event loop was held: what no other client could be served in. */

/** Sends the server's address, then for each message the longest the loop was held since the one before (ms); "end" ends the process. */
export async function tellHeld(instep) {
  const { url } = await instep.listen({ port: 0 });
  let held = 0;
  let before = { time: performance.now(), cpu: process.cpuUsage() };
  const look = () => {
    const now = { time: performance.now(), cpu: process.cpuUsage() };
    // Time in which the process did not run at all is the machine's.
    const worked = (now.cpu.user + now.cpu.system - before.cpu.user - before.cpu.system) / 1000;
    held = Math.max(held, Math.min(now.time - before.time, worked));
    before = now;
    setTimeout(look, 1);
  };
  look();
  process.on("message", (ask) => {
    if (ask === "end") return void instep.close().then(() => process.exit(0));
    // What has been held before does not count, nor this turn.
    process.send(held);
    held = 0;
    before = { time: performance.now(), cpu: process.cpuUsage() };
  });
  process.send(url);
}
