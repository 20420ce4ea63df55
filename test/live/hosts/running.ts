/** A program with Instep inside that listens, as tests use it. */
import type { AddressInfo, Server } from "node:net";
import { createInstep, type Instep } from "../../../server/server.js";
import { until, within } from "../../support/deadline.js";
import { RawTab } from "../../support/links/rawTab.js";
import { type Host, optionsOf, type Program } from "./hosts.js";

export class Running {
  readonly instep: Instep;
  readonly origin: string;
  /** Where Instep is. */
  readonly url: string;
  readonly #program: Program;

  static async start(dataDir: string, host: Host): Promise<Running> {
    const instep = await createInstep({ dataDir, ...optionsOf(host) });
    const program = await host.open(instep);
    instep.attach(program.server);
    const { server, listen } = program;
    await (listen ? listen() : new Promise<void>((done) => server.listen(0, "127.0.0.1", done)));
    return new Running(instep, program, host.base);
  }

  private constructor(instep: Instep, program: Program, base: string) {
    this.instep = instep;
    this.#program = program;
    this.origin = `http://127.0.0.1:${(program.server.address() as AddressInfo).port}`;
    this.url = this.origin + base;
  }

  async openTab(): Promise<RawTab> {
    const { tab } = await RawTab.open(`${this.url.replace("http", "ws")}/workflow/live`);
    return tab;
  }

  /** Ends Instep and then the program: only where no answer and no socket is open any more. May be called again. */
  async end(): Promise<void> {
    const { server, close } = this.#program;
    await within(this.instep.close(), () => "Instep to close");
    await until(async () => {
      server.closeIdleConnections();
      return !server.listening || (await connectionsOf(server)) === 0;
    }, "no connection is left");
    if (!server.listening) return;
    await within(
      Promise.resolve(close?.() ?? new Promise<void>((done) => server.close(() => done()))),
      () => "the host to end",
    );
  }
}

const connectionsOf = (server: Server): Promise<number> =>
  new Promise((resolve, reject) =>
    server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
  );
