/** The members of one etcd: where each is reached, and which of them is asked first. */
import { Connection } from "./connection.js";

/** Certificates in PEM: of whoever may have signed the members', and this server's own with its key. */
export interface EtcdTls {
  readonly ca?: string | Buffer | undefined;
  readonly cert?: string | Buffer | undefined;
  readonly key?: string | Buffer | undefined;
}

/** One member, with the connection that all calls to it share. */
export interface Member {
  /** `https://10.0.0.1:2379`, as people read it. */
  readonly shown: string;
  readonly tls: EtcdTls;
  readonly calls: Connection;
}

/** Goes round: whoever served last is asked next. */
export class Members {
  readonly all: readonly Member[];
  #current = 0;

  /** Throws a TypeError where an endpoint is no http or https url. */
  constructor(endpoints: readonly string[], tls: EtcdTls) {
    if (endpoints.length === 0) throw new TypeError("no member of etcd is named");
    this.all = endpoints.map((endpoint) => memberAt(endpoint, tls));
  }

  /** The one to ask. */
  get current(): Member {
    return this.all[this.#current]!;
  }

  /** It did not serve: from now on the next one is asked, unless somebody has found that out before. */
  leave(member: Member): void {
    if (member === this.current) this.#current = (this.#current + 1) % this.all.length;
  }

  /** The one behind that one; the same where there is only one. */
  after(member: Member): Member {
    return this.all[(this.all.indexOf(member) + 1) % this.all.length]!;
  }
}

function memberAt(endpoint: string, tls: EtcdTls): Member {
  const url = new URL(endpoint);
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new TypeError(`${endpoint} is neither http nor https`);
  }
  const shown = url.origin;
  return { shown, tls, calls: new Connection(shown, tls) };
}
