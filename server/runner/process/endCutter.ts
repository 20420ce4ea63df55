/** Passes bytes on up to a mark that stands in them, and none behind it. */
import { Transform } from "node:stream";
import { begunLength } from "./begunMark.js";

const NOTHING = Buffer.alloc(0);

/** The mark is plain text, and does not overlap itself. Bytes that come without it are passed on to their last. */
export function createEndCutter(mark: string): Transform {
  const end = Buffer.from(mark);
  let held: Buffer = NOTHING;
  let isOver = false;
  return new Transform({
    transform(bytes: Buffer, _encoding, done) {
      if (isOver) return done();
      const data = held.length === 0 ? bytes : Buffer.concat([held, bytes]);
      const at = data.indexOf(end);
      isOver = at !== -1;
      const until = isOver ? at : data.length - begunLength(data, end);
      held = isOver ? NOTHING : Buffer.from(data.subarray(until));
      if (until > 0) this.push(data.subarray(0, until));
      if (isOver) this.push(null);
      done();
    },
    flush(done) {
      done(null, held.length === 0 ? undefined : held);
    },
  });
}
