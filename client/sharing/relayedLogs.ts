/** The outputs that tabs follow over one socket: each under a name of its own, at its tab's pace. */
import { LIMITS } from "../../shared/limits.js";
import type {
  ClientMessage,
  FollowLogMessage,
  UnfollowLogMessage,
} from "../../shared/schema/clientMessages.js";
import type { ServerMessage } from "../../shared/wire/serverMessages.js";
import type { Member } from "./member.js";

type LogFrame = Extract<ServerMessage, { type: "log" | "log_end" | "log_away" }>;

interface Follow {
  readonly member: Member;
  readonly asked: FollowLogMessage;
  readonly name: string;
  /** Asked anew for one attempt, where the tab had asked for the newest and those after it. */
  readonly isPinnedByUs: boolean;
}

/** The offset at which to go on, where the tab had no room for more. */
interface Parked {
  readonly asked: FollowLogMessage;
  readonly attempt: number;
  readonly from: number;
}

export class RelayedLogs {
  readonly #send: (message: ClientMessage) => void;
  readonly #follows = new Map<string, Follow>();
  /** The names by which each tab follows, by workflow and step. */
  readonly #names = new Map<Member, Map<string, string>>();
  readonly #parked = new Map<Member, Map<string, Parked>>();
  #lastName = 0;

  constructor(send: (message: ClientMessage) => void) {
    this.#send = send;
  }

  get isFull(): boolean {
    return this.#follows.size >= LIMITS.followsPerSocket;
  }

  /** Whether this tab follows anything. */
  has(member: Member): boolean {
    return (this.#names.get(member)?.size ?? 0) + (this.#parked.get(member)?.size ?? 0) > 0;
  }

  follow(member: Member, message: FollowLogMessage): void {
    this.unfollow(member, message);
    this.#begin(member, message, message, false);
  }

  unfollow(member: Member, message: Pick<UnfollowLogMessage, "workflow_id" | "step">): void {
    const key = keyOf(message);
    this.#parked.get(member)?.delete(key);
    member.outbox.forgetOutput(key);
    const name = this.#names.get(member)?.get(key);
    if (name !== undefined) this.#end(name);
  }

  /** The tab is gone. */
  drop(member: Member): void {
    for (const name of [...(this.#names.get(member)?.values() ?? [])]) this.#end(name);
    this.#names.delete(member);
    this.#parked.delete(member);
  }

  lost(): void {
    this.#follows.clear();
    this.#names.clear();
    this.#parked.clear();
  }

  received(frame: LogFrame, text: string): void {
    const follow = this.#follows.get(frame.follower ?? "");
    if (!follow) return;
    if (frame.type === "log") return this.#log(follow, frame, text);
    const { member, asked, name, isPinnedByUs } = follow;
    member.outbox.besideOutput(keyOf(asked), text);
    if (frame.type === "log_away") return;
    if (frame.reason !== "over") return this.#forget(name);
    if (!isPinnedByUs) return;
    // Nothing of this attempt again, but what comes after it.
    this.#end(name);
    const { workflow_id, step, epoch } = asked;
    const rest = { type: "follow_log", workflow_id, step, tail: 0 } as const;
    this.#begin(member, asked, epoch === undefined ? rest : { ...rest, epoch }, false);
  }

  /** There may be room in the tab's outbox again. */
  room(member: Member): void {
    const parked = this.#parked.get(member);
    if (!parked) return;
    for (const [key, { asked, attempt, from }] of parked) {
      if (!member.outbox.hasRoomForOutput || this.isFull) return;
      parked.delete(key);
      const { workflow_id, step, epoch } = asked;
      const rest = { type: "follow_log", workflow_id, step, attempt, from } as const;
      const isPinnedByUs = asked.attempt === undefined;
      const message = epoch === undefined ? rest : { ...rest, epoch };
      this.#begin(member, asked, message, isPinnedByUs);
    }
  }

  #log(
    follow: Follow,
    { attempt, from, skipped = 0 }: Extract<LogFrame, { type: "log" }>,
    text: string,
  ) {
    const { member, asked, name } = follow;
    if (member.outbox.output(keyOf(asked), text)) return;
    this.#end(name);
    const parked = this.#parked.get(member) ?? new Map<string, Parked>();
    this.#parked.set(member, parked.set(keyOf(asked), { asked, attempt, from: from - skipped }));
  }

  /** `asked` is what the tab said, `message` what the server is asked. */
  #begin(
    member: Member,
    asked: FollowLogMessage,
    message: FollowLogMessage,
    isPinnedByUs: boolean,
  ): void {
    const name = (++this.#lastName).toString(36);
    this.#follows.set(name, { member, asked, name, isPinnedByUs });
    const names = this.#names.get(member) ?? new Map<string, string>();
    this.#names.set(member, names.set(keyOf(asked), name));
    this.#send({ ...message, follower: name });
  }

  #end(name: string): void {
    const follow = this.#follows.get(name);
    if (!follow) return;
    this.#forget(name);
    const { workflow_id, step } = follow.asked;
    this.#send({ type: "unfollow_log", workflow_id, step, follower: name });
  }

  #forget(name: string): void {
    const follow = this.#follows.get(name);
    if (!follow) return;
    this.#follows.delete(name);
    this.#names.get(follow.member)?.delete(keyOf(follow.asked));
  }
}

const keyOf = ({ workflow_id, step }: { workflow_id: string; step: number }): string =>
  `${workflow_id} ${step}`;
