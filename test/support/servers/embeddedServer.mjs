/** Instep embedded in a program of its own, with short leases: for tests that stop the process. Says where it listens on a line of its own. */
import { createInstep } from "instep";

const [dataDir, limits] = process.argv.slice(2);
const instep = await createInstep({ dataDir, limits: JSON.parse(limits) });
const { url } = await instep.listen({ port: 0 });
process.stdout.write(`${url}\n`);
