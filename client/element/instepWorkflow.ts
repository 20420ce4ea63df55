/** `<instep-workflow>`: one workflow in any page, live, in a shadow tree of its own. */
import { type ConnectionView, createClient, type InstepClient, type View } from "../index.js";
import { standingOf, type Told } from "./freshness.js";
import { pictureOf, statusWords } from "./picture.js";
import { STYLE } from "./style.js";

/** Where the script itself came from: its server is the one that is meant where none is named. In two steps, as bundlers take the two as one for a file to be copied. */
const HERE = import.meta.url;
const OWN_SERVER = new URL(".", HERE);

/** A page that is read by a server has no elements: there the class is known, and can be used by nobody. */
const Base = (globalThis.HTMLElement ?? class {}) as typeof HTMLElement;

/**
 * Attributes: `workflow-id` (`current` where it is missing), `server` (the server that the script came from), `token` (none; one that may only
 * watch, as whoever sees the page can read it). `data-standing` says how fresh it is: connecting, live, reconnecting, as-of, unknown or ended.
 * Each change of the view is told by an event `instep-view`, with the view as `detail`. Nothing is left open once it has left the page.
 */
export class InstepWorkflow extends Base {
  static readonly observedAttributes = ["workflow-id", "server", "token"];
  #client: InstepClient | null = null;
  /** Also where nothing could be opened, as by an address that is none. */
  #isShown = false;
  #announced = "";
  #isDue = false;
  readonly #picture = document.createElement("div");
  /** Only what matters is said aloud: the status and the standing, not each message of a step. */
  readonly #aloud = document.createElement("div");

  constructor() {
    super();
    const style = document.createElement("style");
    style.textContent = STYLE;
    this.#aloud.className = "quiet";
    this.#aloud.setAttribute("role", "status");
    this.attachShadow({ mode: "open" }).append(style, this.#picture, this.#aloud);
  }

  connectedCallback(): void {
    this.#isShown = true;
    this.#open();
  }

  disconnectedCallback(): void {
    this.#isShown = false;
    this.#close();
  }

  /** Attributes that are set together are one change. */
  attributeChangedCallback(_name: string, before: string | null, after: string | null): void {
    if (before === after || !this.#isShown || this.#isDue) return;
    this.#isDue = true;
    queueMicrotask(() => {
      this.#isDue = false;
      if (!this.#isShown) return;
      this.#close();
      this.#open();
    });
  }

  get #subject(): string {
    return this.getAttribute("workflow-id") || "current";
  }

  #open(): void {
    if (this.#client) return;
    try {
      const token = this.getAttribute("token") ?? undefined;
      const server = new URL(this.getAttribute("server") ?? OWN_SERVER, document.baseURI);
      const client = createClient({ url: server, token });
      this.#client = client;
      this.#show(client.view(this.#subject), client.connection);
      // A client that closes still tells of the workflow before.
      const show = (view: View, connection: ConnectionView) => {
        if (this.#client === client) this.#show(view, connection);
      };
      client.watch(this.#subject, (view) => show(view, client.connection));
      client.onConnection((connection) => show(client.view(this.#subject), connection));
    } catch (error) {
      this.#draw({ standing: "unknown", words: String((error as Error).message) }, null);
    }
  }

  #close(): void {
    const client = this.#client;
    this.#client = null;
    client?.close();
  }

  #show(view: View, connection: ConnectionView): void {
    const time = (ms: number) => new Date(ms).toLocaleTimeString();
    this.#draw(standingOf(view, connection, time), view);
    this.dispatchEvent(new CustomEvent("instep-view", { detail: view }));
  }

  #draw(told: Told, view: View | null): void {
    this.dataset.standing = told.standing;
    const nothing = { state: null } as View;
    this.#picture.replaceChildren(...pictureOf(view ?? nothing, told, this.#subject));
    const status = view?.state ? statusWords(view.state) : "";
    const words = `${told.words === "Live" ? "" : told.words} ${status}`.trim();
    if (words === this.#announced) return;
    this.#announced = words;
    this.#aloud.textContent = words;
  }
}
