/** The members of one etcd: where each is reached, and which of them is asked first. */
import { Agent, type RequestOptions } from "node:http";
import { Agent as SecureAgent } from "node:https";
import { urlToHttpOptions } from "node:url";

/** Certificates in PEM: of whoever may have signed the members', and this server's own with its key. */
export interface EtcdTls {
  readonly ca?: string | Buffer | undefined;
  readonly cert?: string | Buffer | undefined;
  readonly key?: string | Buffer | undefined;
}

/** One member, with the connections to it that are kept. */
export interface Member {
  /** `https://10.0.0.1:2379`, as people read it. */
  readonly shown: string;
  readonly isSecure: boolean;
  /** Host, port and protocol, for a request. */
  readonly address: RequestOptions;
  /** Of calls; they take turns on at most so many connections. */
  readonly agent: Agent;
  /** Of watches: one connection each, never kept. */
  readonly watchAgent: Agent;
}

/** So many calls are on their way to a member at once; the next ones wait for a connection, at most until their deadline. */
const MOST_CONNECTIONS = 64;
/** etcd is never the first to close a connection that waits, so this only keeps a burst's connections from staying. */
const KEPT_CONNECTIONS = 16;

/** Goes round: whoever served last is asked next. */
export class Members {
  readonly all: readonly Member[];
  #current = 0;

  /** Throws where an endpoint is no http or https url. */
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
  const isSecure = url.protocol === "https:";
  const { protocol, hostname, port } = urlToHttpOptions(url);
  const kept = { keepAlive: true, maxSockets: MOST_CONNECTIONS, maxFreeSockets: KEPT_CONNECTIONS };
  return {
    shown: url.origin,
    isSecure,
    address: { protocol, hostname, port: port || (isSecure ? 443 : 80) },
    agent: isSecure ? new SecureAgent({ ...kept, ...tls }) : new Agent(kept),
    watchAgent: isSecure ? new SecureAgent({ ...tls }) : new Agent(),
  };
}
