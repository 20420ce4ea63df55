/** A refusal as an HTML page, for a person who opened the address in a browser. */
import type { SyncError } from "../../../shared/errors.js";

/** Has no script and no style: a host that mounts the router may have a policy that forbids both. `leadsTo` becomes a link. */
export function problemPage({ title, message }: SyncError, leadsTo?: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(title)} · Instep</title>
</head>
<body>
<h1>${escaped(title)}</h1>
<p>${withCode(asSentence(message))}</p>${leadsTo === undefined ? "" : linkTo(leadsTo)}
</body>
</html>
`;
}

const linkTo = (path: string): string => `\n<p><a href="${escaped(path)}">Go to Instep</a></p>`;

const asSentence = (message: string): string => message.charAt(0).toUpperCase() + message.slice(1);

/** Text in backquotes is to be typed as it is, so it is shown as code. */
const withCode = (message: string): string =>
  message
    .split("`")
    .map((part, index, { length }) => {
      const isCode = index % 2 === 1 && index < length - 1;
      return isCode ? `<code>${escaped(part)}</code>` : escaped(part);
    })
    .join("");

const escaped = (text: string): string =>
  text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
