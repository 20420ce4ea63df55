/** Addresses of the page: where it is mounted, and which route a path names. */

export type Route = { name: "list" } | { name: "workflow"; workflow_id: string };

export interface Mount {
  /** Absolute, with a slash at the end. */
  readonly url: URL;
  routeOf(address: URL): Route;
  addressOf(route: Route): string;
}

/** `baseUri` is the document's: the server writes the mount into `<base>` when it hands out the page. */
export function createMount(baseUri: string): Mount {
  const url = new URL(".", baseUri);
  const workflows = `${url.pathname}w/`;
  return {
    url,
    routeOf(address) {
      if (!address.pathname.startsWith(workflows)) return { name: "list" };
      const workflow_id = decode(address.pathname.slice(workflows.length).replace(/\/$/, ""));
      return workflow_id === "" ? { name: "list" } : { name: "workflow", workflow_id };
    },
    addressOf(route) {
      if (route.name === "list") return url.pathname;
      return `${workflows}${encodeURIComponent(route.workflow_id)}`;
    },
  };
}

/** What cannot be decoded is no id of ours: shown as it is, and the server will know no such workflow. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
