/** One document that tabs follow over a shared socket: its mirror, and where each of these tabs is. */
import type { Position } from "../../shared/schema/position.js";
import { type DocumentFrame, FollowedDocument } from "../watch/followedDocument.js";
import type { Member } from "./member.js";

/** `awaits`: asked, from `last`. `behind`: some of it was left out, a snapshot follows once there is room. */
type Standing =
  | { readonly state: "live" }
  | { readonly state: "behind" }
  | { readonly state: "awaits"; last: Position | null };

const LIVE: Standing = { state: "live" };
const BEHIND: Standing = { state: "behind" };

export class RelayedDocument {
  readonly id: string;
  readonly followed: FollowedDocument;
  /** The tabs that follow it by its id. */
  readonly byId = new Set<Member>();
  /** The socket is subscribed to it by its id. */
  isSubscribed = false;
  /** One for each tab that follows it, by whichever name. */
  readonly #standings = new Map<Member, Standing>();
  #snapshot: { readonly of: Position | null; readonly text: string } | null = null;

  constructor(id: string) {
    this.id = id;
    this.followed = new FollowedDocument(id);
  }

  get position(): Position | null {
    return this.followed.mirror.position;
  }

  /** The tabs that follow it, by whichever name. */
  get members(): readonly Member[] {
    return [...this.#standings.keys()];
  }

  asked(member: Member, last: Position | null): void {
    this.#standings.set(member, { state: "awaits", last });
  }

  forget(member: Member): void {
    this.#standings.delete(member);
  }

  /** The socket is gone. */
  lost(): void {
    this.byId.clear();
    this.#standings.clear();
    this.isSubscribed = false;
    this.followed.doubt();
  }

  /** Once the mirror is known to be right, a tab that waits is told how it stands to it. */
  answer(member: Member): void {
    const place = this.#standings.get(member);
    const { position, followed } = this;
    if (place?.state !== "awaits" || !followed.isConfirmed || !position) return;
    if (isSame(place.last, position)) {
      this.#standings.set(member, LIVE);
      member.answer({ type: "resumed", workflow_id: this.id, ...position });
    } else if (member.outbox.isSlow) {
      this.#standings.set(member, BEHIND);
    } else {
      this.#standings.set(member, LIVE);
      member.outbox.document(this.#snapshotText());
    }
  }

  /** There is room in the tab's outbox: what was left out comes as a whole. */
  catchUp(member: Member): void {
    if (this.#standings.get(member) !== BEHIND) return;
    this.asked(member, null);
    this.answer(member);
  }

  /** True where the server has to be asked for what is missing. */
  receive(frame: DocumentFrame, text: string): boolean {
    const { followed } = this;
    const before = this.position;
    const wasConfirmed = followed.isConfirmed;
    const isMissingSome = followed.receive(frame);
    if (frame.type === "closed") {
      this.#closed(text);
      return false;
    }
    const hasMoved = this.position !== before;
    const hasBroken = wasConfirmed && !followed.isConfirmed;
    for (const [member, place] of this.#standings) {
      // Also what does not fit: the tab sees that for itself, says so, and asks.
      if (place.state === "live" && (hasMoved || hasBroken)) this.#tell(member, text);
      if (place.state === "awaits" && frame.type === "changed" && hasMoved)
        this.#replay(member, place, before, text);
      if (followed.isConfirmed) this.answer(member);
    }
    return isMissingSome;
  }

  #closed(text: string): void {
    for (const member of this.members) {
      member.answer(text);
      this.#standings.set(member, LIVE);
    }
  }

  #tell(member: Member, text: string): void {
    if (member.outbox.isSlow) this.#standings.set(member, BEHIND);
    else member.outbox.document(text);
  }

  /** A tab that asked from where the mirror was hears each change that the mirror was missing. */
  #replay(member: Member, place: { last: Position | null }, from: Position | null, text: string) {
    if (member.outbox.isSlow || !from || !isSame(place.last, from)) return;
    place.last = this.position;
    member.outbox.document(text);
  }

  #snapshotText(): string {
    const { state, position } = this.followed.mirror;
    if (this.#snapshot?.of !== position) {
      const frame = { type: "snapshot", workflow_id: this.id, ...position, state };
      this.#snapshot = { of: position, text: JSON.stringify(frame) };
    }
    return this.#snapshot?.text ?? "";
  }
}

const isSame = (one: Position | null, other: Position): boolean =>
  one?.epoch === other.epoch && one.revision === other.revision;
