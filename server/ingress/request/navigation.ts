/** Whether a person follows a link or types an address, as their browser says it. */
import type { IncomingMessage } from "node:http";

/**
 * A whole page is loaded into a tab of its own: what it gets goes to the person, and nothing of it to the site with the link.
 * No page can set these headers (Fetch Metadata); browsers send them to loopback and over TLS.
 */
export function isNavigation({ method, headers }: IncomingMessage): boolean {
  const isReading = method === "GET" || method === "HEAD";
  return (
    isReading &&
    headers["sec-fetch-mode"] === "navigate" &&
    headers["sec-fetch-dest"] === "document"
  );
}

/** Whether the caller wants to read HTML: browsers say so in every navigation, programs do not. */
export const wantsPage = ({ method, headers }: IncomingMessage): boolean =>
  method === "GET" && /\btext\/html\b/i.test(headers.accept ?? "");
