/** The words for somebody who comes by an unknown name or from another site: most are people behind a forwarded port or a proxy. */

/** The words for a page of somebody else, as far as nothing is known of it. */
export const OTHER_SITES = "requests from other sites are refused";
/** A name or an address, perhaps with a port. Nothing else of a header is said back. */
const HOST_NAME = /^[a-z0-9.:[\]_-]{1,255}$/;
const LOOPBACK = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/;

/** Names both, and the setting of a proxy that passes on its own name: that is how most people get here. */
export function otherSite(origin: string, host: string): string {
  const name = hostIn(origin);
  if (name === null) return OTHER_SITES;
  return `${OTHER_SITES}: this one is from a page at ${name} and was sent to ${host}. Is a proxy between them? Then let it pass on the name that was asked for (nginx: \`proxy_set_header Host $http_host;\`), and start Instep with \`--allow-host ${name}\`.`;
}

/** Says that the page came without TLS, where the proxy says that requests come with it. */
export function withoutTls(origin: string): string {
  const name = hostIn(origin);
  if (name === null) return OTHER_SITES;
  return `${OTHER_SITES}: this one is from a page that came without TLS. Open https://${name}/ instead.`;
}

/** Names the flag that makes the host known, and for a forwarded port the other way: `port` is the one that the server has itself. */
export function unknownName(host: string, port: number | undefined): string {
  // Other characters stand in no host name, so nothing of the header is said back.
  if (!HOST_NAME.test(host)) return "this server is not known by that host name";
  const known = `this server is not known as ${host}. Is it meant to be, through a forwarded port or a proxy? Then start it with \`--allow-host ${host}\``;
  if (!LOOPBACK.test(host) || port === undefined)
    return `${known}, or let the proxy pass on a name that it has.`;
  return `${known}, or forward the port that it has itself: \`ssh -L ${port}:localhost:${port} MACHINE\`.`;
}

function hostIn(origin: string): string | null {
  const name = /^https?:\/\/(.*)$/.exec(origin)?.[1]?.toLowerCase();
  return name === undefined || !HOST_NAME.test(name) ? null : name;
}
