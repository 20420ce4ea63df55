/** The access token: taken out of the address at once, so that it is neither bookmarked nor shared, and kept for this tab only. */

const KEY = "instep.token";

/** `#t=<token>` wins over what the tab already had. */
export function takeToken(window: Window): string | undefined {
  const given = new URLSearchParams(window.location.hash.slice(1)).get("t");
  if (given) {
    window.sessionStorage.setItem(KEY, given);
    const { pathname, search } = window.location;
    window.history.replaceState(window.history.state, "", pathname + search);
  }
  return window.sessionStorage.getItem(KEY) ?? undefined;
}
