/** Instep embedded in a program of its own, with the options that a test gives it: for tests that stop the process. Says where it listens on a line of its own. */
import { createInstep } from "instep";

const [dataDir, options] = process.argv.slice(2);
const instep = await createInstep({ dataDir, ...JSON.parse(options) });
const { url } = await instep.listen({ port: 0 });
process.stdout.write(`${url}\n`);
