/** The access token: taken out of the address at once, so that it is neither bookmarked nor shared, and kept for this tab only. */

const KEY = "instep.token";

/** The token of the address, else the one that the tab kept. */
export const tokenIn = (window: Window, memory: Storage): string | undefined =>
  tokenOfAddress(window) ?? memory.getItem(KEY) ?? undefined;

/** `#t=<token>` wins over what the tab already had. */
export function takeToken(window: Window, memory: Storage): string | undefined {
  const given = tokenOfAddress(window);
  if (given) {
    keepToken(memory, given);
    const { pathname, search } = window.location;
    window.history.replaceState(window.history.state, "", pathname + search);
  }
  return memory.getItem(KEY) ?? undefined;
}

/** Counts from the next load of the page on. */
export function keepToken(memory: Storage, token: string): void {
  memory.setItem(KEY, token);
}

const tokenOfAddress = ({ location }: Window): string | undefined =>
  new URLSearchParams(location.hash.slice(1)).get("t") || undefined;
