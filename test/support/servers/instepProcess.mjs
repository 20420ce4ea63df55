/** A server with given limits as a process of its own: prints where it listens, and on stderr whatever a server would log as an error. */
import { createInstep } from "instep";

const tell = (about, text) =>
  process.stderr.write(`${text} ${JSON.stringify(about)} ${about?.err?.stack ?? ""}\n`);
const instep = await createInstep({
  ...JSON.parse(process.argv[2]),
  log: { error: tell, warn: () => {}, info: () => {}, debug: () => {} },
});
const { url } = await instep.listen({ port: 0 });
process.stdout.write(`${url}\n`);
