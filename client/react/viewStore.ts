/** One followed subject as React reads it: subscribe, the present view, and the view of a server that renders. */
import type { View } from "../index.js";
import { Subject } from "../watch/subject.js";
import { looksTheSame } from "../watch/view.js";
import type { ClientHolder } from "./clientHolder.js";

export class ViewStore {
  readonly #holder: ClientHolder;
  readonly #subject: string;
  readonly #unseen: View;
  #seen: View | null = null;

  constructor(holder: ClientHolder, subject: string) {
    this.#holder = holder;
    this.#subject = subject;
    this.#unseen = new Subject(subject).view;
  }

  readonly subscribe = (told: () => void): (() => void) =>
    this.#holder.client.watch(this.#subject, told);

  /** The same object until something changes, also before it is watched: a client forgets subjects that nobody watches, and makes them anew. */
  readonly view = (): View => {
    const now = this.#holder.client.view(this.#subject);
    if (!this.#seen || !looksTheSame(this.#seen, now)) this.#seen = now;
    return this.#seen;
  };

  /** Nothing is known where a server renders, and no client is opened for it. */
  readonly serverView = (): View => this.#unseen;
}
