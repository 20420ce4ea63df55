/** One server as a process of its own, with the options in its first argument: says where it listens, and ends when its parent does. */
import { createInstep } from "instep";

const instep = await createInstep(JSON.parse(process.argv[2]));
const { url } = await instep.listen({ port: 0 });
process.send({ url });
process.on("disconnect", () => process.exit(0));
process.on("message", () => {
  const { user, system } = process.cpuUsage();
  process.send({ rss: process.memoryUsage().rss, cpuUs: user + system });
});
