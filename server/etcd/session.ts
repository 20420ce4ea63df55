/** This server as etcd knows it: a user's token, asked for when it is needed and anew when etcd takes it no longer. */
import { readToken } from "./answers.js";
import type { Calls, Tokens } from "./calls.js";
import { EtcdRefused } from "./etcd.js";
import { loginOf } from "./requests.js";

/** A user of etcd. */
export interface EtcdUser {
  readonly user: string;
  readonly password: string;
}

/** Nobody in particular: for an etcd that does not ask, and for asking for a token. */
export const NOBODY: Tokens = {
  current: () => Promise.resolve(null),
  renew: () => false,
};

/** All calls share one token; those that need a new one at the same time wait for the same answer. */
export class Session implements Tokens {
  readonly #calls: Calls;
  readonly #user: EtcdUser;
  #token: Promise<string | null> | null = null;
  #known: string | null = null;

  constructor(calls: Calls, user: EtcdUser) {
    this.#calls = calls;
    this.#user = user;
  }

  current(until: number): Promise<string | null> {
    this.#token ??= this.#ask(until);
    return this.#token;
  }

  renew(token: string | null): boolean {
    // Somebody else may have got a newer one meanwhile.
    if (token === this.#known) this.#token = null;
    return true;
  }

  async #ask(until: number): Promise<string | null> {
    const { user, password } = this.#user;
    const path = "/etcdserverpb.Auth/Authenticate";
    const message = loginOf(user, password);
    const asked = { path, message, manner: "repeatable", until } as const;
    try {
      this.#known = await this.#calls.ask(readToken, asked, NOBODY);
    } catch (error) {
      if (isWithoutUsers(error)) this.#known = null;
      else {
        this.#token = null;
        throw error;
      }
    }
    return this.#known;
  }
}

/** Such an etcd lets everybody in, and may ask from some moment on. */
const isWithoutUsers = (error: unknown): boolean =>
  error instanceof EtcdRefused && /authentication is not enabled/.test(error.message);
