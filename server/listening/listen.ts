/** The standalone server's own port: at the address that was named, or at both addresses of the loopback. */
import { type Listening, type ListenOptions, listenAt } from "./listenAt.js";

/** `localhost` is both: a browser that is given that name may ask either, and must not find another user's program at the one we leave free. */
const BOTH_LOOPBACKS = "localhost";
const FIRST = "127.0.0.1";
const SECOND = "::1";
/** A port that is free at one of the addresses is mostly free at the other. */
const MOST_ATTEMPTS = 16;

/** Rejects with the system's error where a port cannot be had at each address it is wanted at; nothing is left open then. */
export async function listen(options: ListenOptions): Promise<Listening> {
  if (options.host.toLowerCase() !== BOTH_LOOPBACKS) return listenAt(options);
  for (let attempt = 1; ; attempt++) {
    const first = await listenAt({ ...options, host: FIRST });
    try {
      return both(first, await listenAt({ ...options, host: SECOND, port: first.port }));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // A machine without IPv6 has no program at its address, so nobody can be taken for us there.
      if (code === "EADDRNOTAVAIL" || code === "EAFNOSUPPORT") return first;
      await first.close(Promise.resolve());
      const isFreeChoice = options.port === 0 && code === "EADDRINUSE";
      if (!isFreeChoice || attempt === MOST_ATTEMPTS) throw error;
    }
  }
}

const both = (first: Listening, second: Listening): Listening => ({
  ...first,
  addresses: [...first.addresses, ...second.addresses],
  stopAccepting: () => {
    first.stopAccepting();
    second.stopAccepting();
  },
  close: async (deadline) => {
    await Promise.all([first.close(deadline), second.close(deadline)]);
  },
});
