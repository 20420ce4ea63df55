/** Texts of programs and people with the web addresses in them as links: text nodes and links, nothing else ever. */
import type { ComponentChildren } from "preact";
import { type LinkInText, linksIn } from "../look/links.js";

/** A text with its addresses as links. Not within a link, a button or a label: there it stays text. */
export function LinkedText({ text }: { text: string }) {
  const links = linksIn(text);
  if (links.length === 0) return <>{text}</>;
  const parts: ComponentChildren[] = [];
  let at = 0;
  for (const link of links) {
    parts.push(text.slice(at, link.from));
    parts.push(
      <TextLink key={link.from} {...link}>
        {text.slice(link.from, link.to)}
      </TextLink>,
    );
    at = link.to;
  }
  return (
    <>
      {parts}
      {text.slice(at)}
    </>
  );
}

interface TextLinkProps extends Pick<LinkInText, "href" | "leadsTo"> {
  readonly title?: string | undefined;
  readonly children: ComponentChildren;
}

/** The other page learns nothing of this one, and cannot reach it. */
export function TextLink({ href, leadsTo, title, children }: TextLinkProps) {
  return (
    <a
      class="text-link"
      href={href}
      target="_blank"
      rel="noopener noreferrer"
      title={title ?? (leadsTo === null ? undefined : href)}
      // The style sheet says it behind the text, so that it is not copied with the text.
      data-leads-to={leadsTo ?? undefined}
      // Pulling at it selects its text, as everywhere else in a log, and is no click.
      draggable={false}
      onClick={(event) => {
        if (event.detail > 0 && document.getSelection()?.isCollapsed === false)
          event.preventDefault();
      }}
    >
      {children}
    </a>
  );
}
