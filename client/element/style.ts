/** The look of the element: light and dark by the page's `color-scheme`, its parts open to the page's own styles by `::part()`. */

export const STYLE = `
:host { display: block; font: 14px/1.45 system-ui, sans-serif; color: CanvasText; background: Canvas; border: 1px solid color-mix(in srgb, CanvasText 20%, Canvas); border-radius: 8px; padding: 12px 14px; }
:host([hidden]) { display: none; }
header { display: flex; gap: 8px; align-items: baseline; justify-content: space-between; }
h2 { font-size: 1.1em; margin: 0; overflow-wrap: anywhere; }
.standing { flex: none; font-size: .85em; opacity: .8; }
.status { margin: 2px 0 8px; }
progress { width: 100%; height: 6px; accent-color: light-dark(#1a6fd4, #6cb0ff); }
ol { list-style: none; margin: 8px 0 0; padding: 0; }
li { display: grid; grid-template-columns: 1.4em 1fr auto; gap: 0 6px; padding: 2px 0; }
li > .message { grid-column: 2 / -1; font-size: .9em; opacity: .75; overflow-wrap: anywhere; }
.name { overflow-wrap: anywhere; }
.word { font-size: .9em; opacity: .8; }
li[data-status=in_progress], li[data-status=blocked] { font-weight: 600; }
[data-status=completed] > .sign { color: light-dark(#137a3b, #5fd38a); }
[data-status=failed] > .sign, .error { color: light-dark(#b3261e, #ff8f86); }
[data-status=blocked] > .sign, [data-status=interrupted] > .sign { color: light-dark(#8a5300, #ffc05c); }
.error { margin: 6px 0 0; overflow-wrap: anywhere; }
.body.is-old { opacity: .6; }
.quiet { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
`;
