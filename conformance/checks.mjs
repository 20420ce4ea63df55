/** The checks of a server: each is a sentence that says what it has to do, and a function that throws where it does not. */
import { randomUUID } from "node:crypto";
import { eventsResumed, outputAtOffsets, outputFollowed } from "./streamChecks.mjs";
import { same } from "./talk.mjs";
import { STATE, STEPS } from "./trial.mjs";

/** In the order in which they are made. */
export const CHECKS = [
  ["what was saved is loaded, with its position and its ETag", savedIsLoaded],
  ["a workflow that is not there is no error to a read", nothingIsNull],
  ["a request that is sent twice is applied once", repeatedOnce],
  ["a command for a position that has moved on is refused, and says where the workflow is", moved],
  ["a refusal by REST names the field, and nothing is kept", restNamesField],
  [
    "a refusal by socket names the request and the field, and the socket lives on",
    socketNamesField,
  ],
  ["a snapshot and each change after it make the state that is loaded", changesMakeState],
  ["who subscribes from where it is hears that nothing was missed", resumedWhereItIs],
  ["who subscribes from an earlier position hears all that was missed", missedIsTold],
  ["who names a position that the workflow never had gets the whole state", strangePosition],
  ["a command by socket is told as a change and then accepted", acceptedAfterChanged],
  ["a command whose answer was lost is answered as it was the first time", lostAnswer],
  ["a workflow that was cleared is gone, and its id begins a new life", cleared],
  ["server-sent events go on from the last one that was heard", eventsResumed],
  ["output is read from an offset, and appended only where it ends", outputAtOffsets],
  ["followed output comes from the offset that is named, once, and has an end", outputFollowed],
];

async function savedIsLoaded(it) {
  const own = { any: "é ☃ 😀", list: [1, null, { deep: true }] };
  const { epoch, revision } = await it.save({ own });
  same(
    "the type of epoch and revision",
    [typeof epoch, Number.isSafeInteger(revision)],
    ["string", true],
  );
  const loaded = await it.get();
  const { state } = loaded.body;
  same("the position", [loaded.body.epoch, loaded.body.revision], [epoch, revision]);
  same("a driver's own field", state.own, own);
  same(
    "the steps",
    state.steps.map(({ action }) => action),
    ["build", "ship"],
  );
  same("status and current_step", [state.status, state.current_step], ["running", 0]);
  const tag = `"${epoch}.${revision}"`;
  same("the ETag", loaded.headers.get("etag"), tag);
  same(
    "the status for that ETag",
    (await it.get(STATE, { headers: { "If-None-Match": tag } })).status,
    304,
  );
}

async function nothingIsNull(it) {
  const { status, body } = await it.get();
  same(
    "status, success, active, state",
    [status, body.success, body.active, body.state],
    [200, true, false, null],
  );
}

async function repeatedOnce(it) {
  await it.save();
  const key = { "Idempotency-Key": randomUUID() };
  const first = await it.patch({ note: "once" }, key);
  await it.patch({ note: "between" });
  const second = await it.patch({ note: "once" }, key);
  same("the second answer", second.body.revision, first.body.revision);
  same("the state", (await it.get()).body.state.note, "between");
}

async function moved(it) {
  const { epoch, revision } = await it.save();
  await it.patch({ note: "newer" });
  const now = (await it.get()).body;
  const refused = await it.patch({ note: "late" }, { "If-Match": `"${epoch}.${revision}"` });
  same("status and code", [refused.status, refused.body.code], [412, "position_moved"]);
  same("where it is", [refused.body.epoch, refused.body.revision], [now.epoch, now.revision]);
  same("the state", (await it.get()).body.state, now.state);
}

const namesStep = ({ errors }) =>
  (errors ?? []).some(({ path }) => /(^|\.)steps\.1\.action$/.test(path));

async function restNamesField(it) {
  const { status, headers, body } = await it.call("POST", STATE, {
    body: { workflow_id: it.id, steps: [STEPS[0], { action: 7 }] },
  });
  same("status and code", [status, body?.code], [400, "bad_message"]);
  same("the type", headers.get("content-type")?.split(";")[0], "application/problem+json");
  same("success and retry", [body.success, body.retry], [false, false]);
  same("a path of errors that ends in steps.1.action", namesStep(body), true);
  same("the state", (await it.get()).body.state, null);
}

async function socketNamesField(it) {
  const link = await it.link();
  const state = { workflow_id: it.id, steps: [STEPS[0], { action: 7 }] };
  const refused = await link.propose({ kind: "save", state });
  same(
    "type, code and retry",
    [refused.type, refused.code, refused.retry],
    ["refused", "bad_message", false],
  );
  same("a path of errors that ends in steps.1.action", namesStep(refused), true);
  same("the state", (await it.get()).body.state, null);
  link.send({ type: "ping" });
  await link.take("pong");
}

async function changesMakeState(it) {
  await it.save();
  const followed = await it.follow();
  await it.agree(followed);
  for (let at = 0; at < 5; at += 1)
    await it.patch({ [`note/${at}~`]: { at }, steps: STEPS.slice(at % 2) });
  await it.agree(followed);
}

async function resumedWhereItIs(it) {
  const at = await it.save();
  const { link } = await it.follow(at);
  const answer = await link.takeOf(it.id);
  same(
    "the answer",
    [answer.type, answer.epoch, answer.revision],
    ["resumed", at.epoch, at.revision],
  );
}

async function missedIsTold(it) {
  await it.save();
  const before = await it.follow();
  await it.agree(before);
  before.link.close();
  for (const note of ["one", "two", "three"]) await it.patch({ note });
  const { position, state } = before.mirror;
  const after = await it.follow(position);
  Object.assign(after.mirror, { state });
  await it.agree(after);
}

async function strangePosition(it) {
  const { epoch, revision } = await it.save();
  for (const last of [
    { epoch: `not-${epoch}`, revision },
    { epoch, revision: revision + 1_000 },
  ]) {
    const link = await it.link();
    link.send({ type: "subscribe", workflow_id: it.id, last });
    const answer = await link.takeOf(it.id);
    same("the answer", [answer.type, answer.epoch, answer.revision], ["snapshot", epoch, revision]);
    link.close();
  }
}

async function acceptedAfterChanged(it) {
  await it.save();
  const { link, mirror } = await it.follow();
  await it.agree({ link, mirror });
  const update = { status: "completed" };
  const answer = await link.propose({ kind: "step", workflow_id: it.id, index: 0, update });
  same("the answer", answer.type, "accepted");
  same("where the frames before it lead", mirror.position, {
    epoch: answer.epoch,
    revision: answer.revision,
  });
  same("the step", mirror.state.steps[0].status, "completed");
}

async function lostAnswer(it) {
  await it.save();
  const command = { kind: "save", merge: true, workflow_id: it.id, state: { note: "once" } };
  const request = randomUUID();
  const first = await it.link();
  const answer = await first.propose(command, request);
  first.close();
  await it.patch({ note: "between" });
  const again = await (await it.link()).propose(command, request);
  same(
    "the answer",
    [again.type, again.epoch, again.revision],
    ["accepted", answer.epoch, answer.revision],
  );
  same("the state", (await it.get()).body.state.note, "between");
}

async function cleared(it) {
  const { epoch } = await it.save();
  const followed = await it.follow();
  await it.agree(followed);
  const gone = await it.call("DELETE", STATE, { query: { workflow_id: it.id } });
  same("status and success", [gone.status, gone.body.success], [200, true]);
  same("the reason of closed", (await followed.link.take("closed")).reason, "cleared");
  same("the state", (await it.get()).body.state, null);
  const link = await it.link();
  link.send({ type: "subscribe", workflow_id: it.id, last: null });
  same("the reason for who comes later", (await link.take("closed")).reason, "unknown");
  same("whether the new life has the old epoch", (await it.save()).epoch === epoch, false);
}
