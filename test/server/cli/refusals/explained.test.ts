/** Refusals that a server seldom makes, as the command line says them. */
import { expect, test } from "vitest";
import { unreachableAt } from "../../../../client/wire/noInstep.js";
import { CliError, ExitCode } from "../../../../server/cli/process/exitCodes.js";
import { aboutWorkflow, type Verb } from "../../../../server/cli/refusals/aboutWorkflow.js";
import { explained } from "../../../../server/cli/refusals/explained.js";
import { SyncError } from "../../../../shared/errors.js";

const said = (error: SyncError, verb: Verb = "cancel") => {
  const target = { subject: "deploy-7", toName: "deploy-7" };
  const about = (refusal: SyncError) => aboutWorkflow(verb, target, refusal);
  const words = explained("http://h/", error, { about }) as CliError;
  expect(words).toBeInstanceOf(CliError);
  expect(words.cause).toBe(error);
  return [words.exitCode, words.message];
};

test.each<[SyncError, string]>([
  [
    new SyncError("storage_full", "the disk is full; nothing was changed"),
    "The server refused: the disk is full; nothing was changed. Try again later.",
  ],
  [
    new SyncError("rate_limited", "too many wrong tokens came from this address", {
      retryAfter: 30,
    }),
    "The server refused: too many wrong tokens came from this address. Try again in 30 s.",
  ],
  [
    new SyncError("unavailable", "the store does not answer; nothing changed", { retryAfter: 2 }),
    "The server cannot use its store: the store does not answer; nothing changed. Try again, or name another server of its cluster with --server.",
  ],
  [
    new SyncError("unavailable", "it is not known whether the change was saved", { retryAfter: 2 }),
    "The server cannot use its store: it is not known whether the change was saved. See with `instep list` whether it took effect before you say it again.",
  ],
  [
    new SyncError("unavailable", "output is on node b, away since 2026-01-02T03:04:05.000Z"),
    "The output is on node b, away since 2026-01-02T03:04:05.000Z. It can be read once that node is back.",
  ],
  [
    new SyncError("shutting_down", "the server is stopping", { retryAfter: 1 }),
    "The server is stopping. Try again once it is back.",
  ],
  [
    new SyncError(
      "damaged",
      'the record of "deploy-7" is damaged, and was set aside; restore the version before it, or clear it to use its id again',
    ),
    'The record of "deploy-7" is damaged, and was set aside; restore the version before it, or clear it to use its id again. Its page offers both: `instep open deploy-7`.',
  ],
  [
    new SyncError("not_resumable", "it was not started from a definition here"),
    "deploy-7 was not started from a definition here.",
  ],
  [
    new SyncError("step_switched_off", '"copy" was switched off at the start'),
    '"copy" was switched off at the start.',
  ],
  [
    new SyncError("already_answered", '"Sure?" was answered by Ada at noon'),
    'Not taken: "Sure?" was answered by Ada at noon.',
  ],
  [
    new SyncError("internal", "the server made a mistake; it was written to its log"),
    "The server refused: the server made a mistake; it was written to its log.",
  ],
])("%s", (error, sentence) => {
  expect(said(error)).toEqual([1, sentence]);
});

test("a workflow that is interrupted is to be resumed or cancelled before it is retried", () => {
  const error = new SyncError(
    "not_waiting",
    "it is interrupted; only an ended workflow is retried",
  );
  expect(said(error, "retry")).toEqual([
    1,
    "deploy-7 is interrupted; only an ended workflow is retried. Go on with `instep resume deploy-7`, or end it with `instep cancel deploy-7`.",
  ]);
});

test("an error that nobody expects stays as it is", () => {
  const bug = new TypeError("x is not a function");
  expect(explained("http://h/", bug)).toBe(bug);
});

test.each([
  ["CERT_HAS_EXPIRED", "has expired"],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "is not for h (other names)"],
  [
    "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    "is signed by an authority that is not known here: NODE_EXTRA_CA_CERTS says which file to trust",
  ],
])(
  "a certificate with %s is said as what it is, and nobody is told to start a server",
  (code, fault) => {
    const tls = Object.assign(new Error("no"), { code, host: "h" });
    const cause = new TypeError("fetch failed", { cause: tls });
    const words = explained("https://h/", unreachableAt(new URL("https://h/"), cause)) as CliError;
    expect([words.exitCode, words.message]).toEqual([
      ExitCode.unreachable,
      `No Instep server answers at https://h (its certificate is not trusted). Its certificate ${fault}.`,
    ]);
  },
);
