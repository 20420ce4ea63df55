/** The one kind of script address the page makes, its worker's: the server's policy refuses every other, and all HTML made from text. */

interface PolicyFactory {
  createPolicy(name: "default", rules: { createScriptURL(address: string): string | null }): void;
}

/** For a page whose own server sends `require-trusted-types-for`; does nothing in browsers without it. */
export function trustOwnWorker(own: string, scope: object): void {
  const { trustedTypes } = scope as { trustedTypes?: PolicyFactory };
  // Scripts lie beside the one that runs.
  const folder = new URL(".", own).href;
  trustedTypes?.createPolicy("default", {
    createScriptURL: (address) => (new URL(address, own).href.startsWith(folder) ? address : null),
  });
}
