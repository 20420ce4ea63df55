"""Instep from Python: one file, the standard library alone, Python 3.9 or newer. Copy it beside your program.

    from instep import Instep

    instep = Instep("http://127.0.0.1:4747", token=None)
    saved = instep.save({"title": "Nightly", "steps": [{"action": "dump"}]})
    instep.step(0, {"status": "completed"}, saved["workflow_id"])
    for view in instep.watch(saved["workflow_id"]):
        print(view.phase, view.state and view.state["status"])

The protocol is shared/PROTOCOL.md of Instep, version 1. Every command is sent again with the same key until it is answered, so it is
applied once. `watch` follows by server-sent events, goes on where it was after a cut, and says whether what it shows is current.
`follow_log` follows what a step prints: each byte once and in order, also across cuts and restarts of the server.
"""

import codecs
import copy
import http.client
import json
import random
import re
import socket
import ssl
import time
import urllib.parse
import uuid
from dataclasses import dataclass, field
from typing import Any, Dict, Iterator, List, Optional, Tuple

__all__ = ["Instep", "InstepError", "NoAnswer", "Output", "View", "apply_patch"]

_EVENTS = "text/event-stream"
_RETRIED = (408, 425, 502, 504)
#: OpenSSL's numbers for a certificate of an authority that is not known.
_NOT_TRUSTED = (2, 18, 19, 20, 21)
_HOW_TO_TRUST = "; trust its authority by SSL_CERT_FILE=ca.pem, or context=ssl.create_default_context(cafile='ca.pem')"
_CHUNK = 64 * 1024
#: The line that a server puts where bytes are left out; a command may print the same words.
_LEFT_OUT = re.compile(rb"\[instep: (\d{1,15}) bytes? left out\]\n")
_BEGINS_IT, _MAY_BECOME_IT = b"[instep: ", re.compile(rb"\[instep: \d{0,15}( [a-z ]{0,14}\]?)?\Z")
_ENDED = ("completed", "failed", "cancelled")


class InstepError(Exception):
    """Instep refused. `code` says why, `retry` whether it may be otherwise later, `body` is the whole problem document."""

    def __init__(self, status: int, body: Dict[str, Any], retry_after: Optional[float] = None):
        super().__init__(body.get("message") or "refused with HTTP status %d" % status)
        self.status = status
        self.body = body
        self.code = body.get("code")
        self.errors = body.get("errors") or []
        self.retry = bool(body.get("retry"))
        self.retry_after = retry_after
        #: As in a View: what a server of a cluster refuses then may be otherwise at the others.
        self.stale_since: Optional[str] = None


class NoAnswer(Exception):
    """No answer of Instep came in time, so nobody knows what became of the call; or, at once, its certificate is refused, and nothing was sent."""


class _Silence(Exception):
    """Nothing was printed for so long that the link may be dead without a word: asked again."""


@dataclass
class View:
    """What is known of a subject. `phase`: `live` (this is what the server has), `stale` (not confirmed now) or `closed` (the end)."""

    phase: str
    workflow_id: Optional[str] = None
    state: Optional[Dict[str, Any]] = None
    epoch: Optional[str] = None
    revision: Optional[int] = None
    #: Of `closed`: `cleared`, `expired`, `unknown` or `damaged`.
    closed: Optional[str] = None
    #: Since when the server, one of a cluster, cannot follow its store (RFC 3339); else None.
    stale_since: Optional[str] = None
    #: Why the stream was lost, as one sentence; None while it is there.
    problem: Optional[str] = None


@dataclass
class Output:
    """A part of what a step prints, of one attempt; offsets count bytes. The next part begins at this `next`, plus what it skips. (At less only
    where the machine of the server lost its power, and with that the end of what had been told.)"""

    attempt: Optional[int]
    start: int
    next: int
    data: bytes = b""
    #: So many bytes before `start` were left out for good; 0 nearly always.
    skipped: int = 0
    #: `over`: that was all of this attempt. `cleared`: the workflow is gone. `unknown`: there is no such workflow or step. Else None.
    end: Optional[str] = None
    #: Why nothing comes now, as one sentence. A part where it is None again says that this is over.
    problem: Optional[str] = None

    @property
    def text(self) -> str:
        """`data`, which holds whole characters only; bytes that are none are U+FFFD."""
        return self.data.decode("utf-8", "replace")


@dataclass
class Answer:
    """An answer of REST as it came."""

    status: int
    headers: Dict[str, str]
    body: bytes = b""

    def json(self) -> Dict[str, Any]:
        return json.loads(self.body) if self.body else {}


class Instep:
    """One server. Safe to share between threads: each call has a connection of its own."""

    def __init__(
        self,
        url: str = "http://127.0.0.1:4747",
        token: Optional[str] = None,
        *,
        timeout: float = 30.0,
        patience: float = 60.0,
        context: Optional[ssl.SSLContext] = None,
    ):
        """`timeout`: how long one try may be silent, in s. `patience`: how long a call is tried again where no answer comes, in s. `context`: for
        https, where the system's authorities, or those of `SSL_CERT_FILE`, are not the ones to trust."""
        parts = urllib.parse.urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("url must be an address like http://127.0.0.1:4747, not %r" % url)
        self._parts = parts
        self._base = parts.path.rstrip("/")
        self._token = token
        self._timeout = timeout
        self._patience = patience
        if context is None and parts.scheme == "https":
            context = ssl.create_default_context()
        self._context = context

    # Reading

    def state(self, workflow_id: Optional[str] = None) -> Optional[Dict[str, Any]]:
        """The state, or None where there is nothing. Without an id that of the current workflow."""
        return self.load(workflow_id).get("state")

    def load(self, workflow_id: Optional[str] = None) -> Dict[str, Any]:
        """As `state`, with `epoch` and `revision` beside it."""
        return self.call("GET", "/workflow/state", query={"workflow_id": workflow_id}).json()

    def summary(self, workflow_id: Optional[str] = None) -> Dict[str, Any]:
        query = {"workflow_id": workflow_id}
        return self.call("GET", "/workflow/state/summary", query=query).json()["summary"]

    def list(self, **query: Any) -> Dict[str, Any]:
        """One page: `workflows` and `next`. Takes what `GET /workflows` takes: `q`, `status`, `sort`, `limit`, `cursor` and so on."""
        return self.call("GET", "/workflows", query=query).json()

    def definitions(self) -> List[Dict[str, Any]]:
        return self.call("GET", "/workflow/definitions").json()["definitions"]

    # Commands

    def save(self, state: Dict[str, Any], **how: Any) -> Dict[str, Any]:
        """A whole state; one with a new `workflow_id`, or none, starts a workflow. `how`: see `command`."""
        return self.command("POST", "/workflow/state", state, **how)

    def merge(self, part: Dict[str, Any], workflow_id: Optional[str] = None, **how: Any) -> Dict[str, Any]:
        return self.command("PATCH", "/workflow/state", part, workflow_id, **how)

    def step(
        self, index: int, update: Dict[str, Any], workflow_id: Optional[str] = None, **how: Any
    ) -> Dict[str, Any]:
        return self.command("PATCH", "/workflow/state/steps/%d" % index, update, workflow_id, **how)

    def clear(self, workflow_id: Optional[str] = None, **how: Any) -> Dict[str, Any]:
        return self.command("DELETE", "/workflow/state", None, workflow_id, **how)

    def start(self, name: str, inputs: Optional[Dict[str, Any]] = None, **more: Any) -> Dict[str, Any]:
        """Starts a definition. `more`: `workflow_id`, `skip`, `enable`, `by`, `dry_run`."""
        return self._run("start", {"name": name, "inputs": inputs, **more})

    def stop(self, workflow_id: Optional[str] = None, **more: Any) -> Dict[str, Any]:
        return self._run("stop", {"workflow_id": workflow_id, **more})

    def answer(
        self, answer: Dict[str, Any], workflow_id: Optional[str] = None, **more: Any
    ) -> Dict[str, Any]:
        """Answers the question of a blocked workflow. `more`: `question`, `by`."""
        return self._run("answer", {"workflow_id": workflow_id, "answer": answer, **more})

    def resume(self, workflow_id: Optional[str] = None, **more: Any) -> Dict[str, Any]:
        return self._run("resume", {"workflow_id": workflow_id, **more})

    def retry(self, workflow_id: Optional[str] = None, **more: Any) -> Dict[str, Any]:
        return self._run("retry", {"workflow_id": workflow_id, **more})

    def restore(self, workflow_id: str, **how: Any) -> Dict[str, Any]:
        return self.command("POST", "/workflow/restore", {}, workflow_id, **how)

    def command(
        self,
        method: str,
        path: str,
        body: Optional[Dict[str, Any]],
        workflow_id: Optional[str] = None,
        *,
        request_id: Optional[str] = None,
        expected: Optional[Tuple[str, int]] = None,
        token: Optional[int] = None,
    ) -> Dict[str, Any]:
        """Sends a command until it is answered, each time with the same key. `expected`: only where the workflow is at that (epoch, revision)
        (412 `position_moved` elsewhere). `token`: of a driver's lease."""
        headers = {"Idempotency-Key": request_id or str(uuid.uuid4())}
        if expected is not None:
            headers["If-Match"] = '"%s.%d"' % tuple(expected)
        if token is not None:
            headers["Instep-Token"] = str(token)
        query = {"workflow_id": workflow_id}
        return self.call(method, path, body=body, headers=headers, query=query).json()

    def _run(self, verb: str, body: Dict[str, Any]) -> Dict[str, Any]:
        request_id = body.pop("request_id", None)
        given = {key: value for key, value in body.items() if value is not None}
        return self.command("POST", "/workflow/" + verb, given, request_id=request_id)

    # Output

    def append_log(
        self,
        step: int,
        data: Any,
        workflow_id: Optional[str] = None,
        *,
        attempt: Optional[int] = None,
        at: Optional[int] = None,
        token: Optional[int] = None,
    ) -> Dict[str, Any]:
        """Prints text or bytes as a step's output; the answer has `from` and `next`. With `at`, the offset where the output ends, it is sent
        again until it is answered, and doubles nothing; without, it is sent once."""
        headers = {"Content-Type": "application/octet-stream"}
        if token is not None:
            headers["Instep-Token"] = str(token)
        query = {"workflow_id": workflow_id, "attempt": attempt, "at": at}
        raw = data.encode("utf-8") if isinstance(data, str) else bytes(data)
        path = self._log_path(step)
        tries = {"is_repeated": at is not None}
        try:
            return self.call("POST", path, raw=raw, headers=headers, query=query, **tries).json()
        except InstepError as error:
            kept = at is not None and error.code == "offset_moved" and error.body.get("next") == at + len(raw)
            # An earlier try may have been kept without our hearing of it: the bytes there say so.
            if not kept or self.read_log(step, workflow_id, attempt=attempt, start=at)[0] != raw:
                raise
            return {"success": True, "from": at, "next": at + len(raw)}

    def read_log(
        self,
        step: int,
        workflow_id: Optional[str] = None,
        *,
        attempt: Optional[int] = None,
        start: Optional[int] = None,
        tail: Optional[int] = None,
    ) -> Tuple[bytes, int]:
        """The output's bytes from `start`, and the offset to go on from."""
        query = {"workflow_id": workflow_id, "attempt": attempt, "from": start, "tail": tail}
        answer = self.call("GET", self._log_path(step), query=query)
        return answer.body, int(answer.headers["instep-log-next"])

    def follow_log(
        self,
        step: int,
        workflow_id: Optional[str] = None,
        *,
        attempt: Optional[int] = None,
        start: int = 0,
        after: Optional[Tuple[int, int]] = None,
    ) -> Iterator[Output]:
        """Follows what a step prints, from the offset `start` of its newest attempt on, and newer attempts as they begin; with `attempt` that one
        alone, with `after`, an (attempt, next) of before, on from there. Waits for a step that has not begun. Ends once the step has finished
        or the workflow has ended, and all is told; a part with `end` comes last of each attempt. Raises InstepError where the server
        refuses for good."""
        log = _Log(attempt, *(after or (attempt, start)))
        life: Dict[str, Any] = {}
        failures, told = 0, None
        while True:
            problem = None
            try:
                life = life or self._life(workflow_id)
                if not life:
                    yield log.ended(None, None, "unknown")
                    return
                for part in self._log_stream(step, life, log):
                    failures = 0
                    if told is not None:
                        told = None
                        yield log.now()
                    if part is not None:
                        yield part
                newest = self._newest_if_over(step, life, log)
                if newest is not None:
                    yield log.ended(log.attempt, log.next, "over")
                    if attempt is not None or newest <= log.attempt:
                        return
                    log.attempt, log.next = log.attempt + 1, 0
                    continue
            except InstepError as error:
                if error.code in ("unknown_workflow", "unknown_step") and error.stale_since is None:
                    yield log.ended(None, None, "cleared" if error.code == "unknown_workflow" else "unknown")
                    return
                if not error.retry and error.status < 500 and error.stale_since is None:
                    raise
                problem = str(error)
            except _Silence:
                continue
            except (OSError, http.client.HTTPException) as error:
                problem = self._no_answer(error)
            if problem is not None and problem != told:
                told = problem
                yield log.now(problem)
            time.sleep(_pause(failures))
            failures += 1

    def _life(self, workflow_id: Optional[str]) -> Dict[str, Any]:
        """What names this workflow, and no other that has its id later; empty where there is none."""
        answer = self._once("GET", "/workflow/state", None, {}, {"workflow_id": workflow_id})
        loaded = answer.json()
        if loaded.get("state") is not None:
            return {"workflow_id": loaded["state"]["workflow_id"], "epoch": loaded["epoch"]}
        if "instep-stale" in answer.headers:
            raise http.client.HTTPException("what it knows is of %s" % answer.headers["instep-stale"])
        return {}

    def _newest_if_over(self, step: int, life: Dict[str, Any], log: "_Log") -> Optional[int]:
        """The newest attempt, where the one that was followed is over and all of it told. A proxy may give out an answer that was cut as a whole
        one, so the server is asked: first whether it is over, then where it ends."""
        answer = self._once("GET", "/workflow/state", None, {}, {"workflow_id": life["workflow_id"]})
        state = answer.json().get("state") or {"status": None, "steps": []}
        newest, _ = self._log_end(step, {**life, "tail": 0})
        _, end = self._log_end(step, {**life, "attempt": log.attempt, "from": log.next})
        is_finished = state["status"] in _ENDED or _finished_attempt(state["steps"], step) == log.attempt
        return newest if end == log.next and (newest > log.attempt or is_finished) else None

    def _log_end(self, step: int, query: Dict[str, Any]) -> Tuple[int, int]:
        headers = self._once("GET", self._log_path(step), None, {}, query).headers
        return _number(headers.get("instep-log-attempt")), _number(headers.get("instep-log-next"))

    def _log_stream(self, step: int, life: Dict[str, Any], log: "_Log") -> Iterator[Optional[Output]]:
        """One followed answer, from where `log` is; None says that it has begun."""
        connection = self._connect()
        try:
            query = {**life, "attempt": log.attempt, "from": log.next, "follow": 1}
            answer = self._ask(connection, "GET", self._log_path(step), None, {}, query)
            if answer.status != 200:
                raise _refusal(answer)
            attempt, at = (_number(answer.getheader("Instep-Log-" + name)) for name in ("Attempt", "From"))
            log.begins(attempt, at)
            yield None
            waits = b""
            while True:
                try:
                    chunk = answer.read1(_CHUNK)
                except socket.timeout:
                    raise _Silence()
                waits += chunk
                gap = 0
                for found in _LEFT_OUT.finditer(waits):
                    line = {**life, "attempt": attempt, "from": at + found.start()}
                    if not self._is_printed(step, line, found.group()):
                        gap = int(found.group(1))
                        waits = waits[: found.start()]
                        # Where the bytes before do not end with their line, the server ends it.
                        line["from"] -= 1
                        if waits.endswith(b"\n") and not self._is_printed(step, line, b"\n"):
                            waits = waits[:-1]
                        break
                ready = waits if gap or not chunk else waits[: _whole(waits)]
                waits = waits[len(ready) :]
                if ready:
                    yield log.take(Output(attempt, at, at + len(ready), ready))
                    at += len(ready)
                if gap:
                    yield log.take(Output(attempt, at + gap, at + gap, skipped=gap))
                if gap or not chunk:
                    return
        finally:
            connection.close()

    def _is_printed(self, step: int, place: Dict[str, Any], data: bytes) -> bool:
        """Whether these bytes are the step's own. The server gives out none that it has left out where it is told the end."""
        query = {**place, "to": place["from"] + len(data)}
        try:
            return self._once("GET", self._log_path(step), None, {}, query).body == data
        except InstepError as error:
            if error.code != "no_such_range":
                raise
            return False

    @staticmethod
    def _log_path(step: int) -> str:
        return "/workflow/state/steps/%d/log" % step

    # Watching

    def watch(self, subject: str = "current") -> Iterator[View]:
        """Follows a workflow by its id, the `current` one, or the list (`*`), for ever, or until the workflow of that id has closed. A view that
        could not be confirmed comes as `stale`. Raises InstepError where the server refuses for good."""
        mirror = _Mirror(subject)
        failures = 0
        while True:
            try:
                for event, frame in self.events(subject, mirror.position):
                    failures = 0
                    view = mirror.take(frame)
                    if view is not None:
                        yield view
                    if event == "closed" and subject != "current":
                        return
                problem = "the stream ended"
            except InstepError as error:
                if not error.retry and error.status < 500:
                    raise
                problem = str(error)
            except (OSError, http.client.HTTPException) as error:
                problem = self._no_answer(error)
            view = mirror.lost(problem)
            if view is not None:
                yield view
            time.sleep(_pause(failures))
            failures += 1

    def events(
        self, subject: str = "current", last: Optional[Tuple[str, int]] = None
    ) -> Iterator[Tuple[str, Dict[str, Any]]]:
        """The events of one stream, `(type, frame)`, from behind `last` (epoch, revision). Ends with the stream; raises OSError or
        HTTPException where it is cut."""
        headers = {"Accept": _EVENTS}
        if last is not None:
            headers["Last-Event-ID"] = "%s.%d" % tuple(last)
        connection = self._connect()
        try:
            answer = self._ask(connection, "GET", "/workflow/live", None, headers, {"workflow_id": subject})
            if answer.status != 200 or not answer.getheader("Content-Type", "").startswith(_EVENTS):
                raise _refusal(answer)
            name, data = "message", []
            while True:
                line = answer.readline()
                if not line:
                    return
                text = line.decode("utf-8").rstrip("\n")
                if text == "":
                    if data:
                        yield name, json.loads("\n".join(data))
                    name, data = "message", []
                elif text.startswith("event: "):
                    name = text[7:]
                elif text.startswith("data: "):
                    data.append(text[6:])
        finally:
            connection.close()

    # HTTP

    def call(
        self,
        method: str,
        path: str,
        *,
        body: Optional[Dict[str, Any]] = None,
        raw: Optional[bytes] = None,
        headers: Optional[Dict[str, str]] = None,
        query: Optional[Dict[str, Any]] = None,
        is_repeated: bool = True,
    ) -> Answer:
        """One call, tried again while there is no answer, or one that says to. Raises InstepError, or NoAnswer after `patience`."""
        sent = dict(headers or {})
        if body is not None:
            raw = json.dumps(body, allow_nan=False).encode("utf-8")
            sent["Content-Type"] = "application/json"
        until = time.monotonic() + self._patience
        failures = 0
        while True:
            try:
                return self._once(method, path, raw, sent, query or {})
            except InstepError as error:
                is_over = not (error.retry or error.status in _RETRIED) or not is_repeated
                pause = error.retry_after or _pause(failures)
                if is_over or time.monotonic() + pause > until:
                    raise
            except (OSError, http.client.HTTPException) as error:
                pause = _pause(failures)
                if not is_repeated or time.monotonic() + pause > until:
                    raise NoAnswer(self._no_answer(error)) from error
            time.sleep(pause)
            failures += 1

    def _once(
        self, method: str, path: str, raw: Optional[bytes], headers: Dict[str, str], query: Dict[str, Any]
    ) -> Answer:
        connection = self._connect()
        try:
            answer = self._ask(connection, method, path, raw, headers, query)
            if answer.status >= 300:
                raise _refusal(answer)
            told = {key.lower(): value for key, value in answer.getheaders()}
            return Answer(answer.status, told, answer.read())
        finally:
            connection.close()

    def _no_answer(self, error: Exception) -> str:
        is_cut = isinstance(error, http.client.IncompleteRead)
        why = "the answer was cut short" if is_cut else error or type(error).__name__
        return "%s does not answer (%s)" % (self._parts.netloc, why)

    def _connect(self) -> http.client.HTTPConnection:
        host, port = self._parts.hostname, self._parts.port
        if self._parts.scheme == "https":
            return http.client.HTTPSConnection(host, port, timeout=self._timeout, context=self._context)
        return http.client.HTTPConnection(host, port, timeout=self._timeout)

    def _ask(
        self,
        connection: http.client.HTTPConnection,
        method: str,
        path: str,
        raw: Optional[bytes],
        headers: Dict[str, str],
        query: Dict[str, Any],
    ) -> http.client.HTTPResponse:
        given = {key: value for key, value in query.items() if value is not None}
        address = self._base + path + ("?" + urllib.parse.urlencode(given) if given else "")
        token = {} if self._token is None else {"Authorization": "Bearer " + self._token}
        try:
            connection.request(method, address, body=raw, headers={**token, **headers})
        except ssl.SSLCertVerificationError as error:
            # It is as wrong at the next try: nobody waits for that.
            advice = _HOW_TO_TRUST if error.verify_code in _NOT_TRUSTED else ""
            words = "%s has a certificate that is refused: %s%s" % (self._parts.netloc, error.verify_message, advice)
            raise NoAnswer(words) from error
        if connection.sock is not None:
            connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection.getresponse()


def apply_patch(document: Any, patch: List[Dict[str, Any]]) -> Any:
    """The document after a patch of `add`, `replace` and `remove` (RFC 6902); the one that was given stays as it was."""
    holder = {"": copy.deepcopy(document)}
    for operation in patch:
        names = [part.replace("~1", "/").replace("~0", "~") for part in operation["path"].split("/")]
        target: Any = holder
        for name in names[:-1]:
            target = target[int(name)] if isinstance(target, list) else target[name]
        name, kind = names[-1], operation["op"]
        if isinstance(target, list):
            index = len(target) if name == "-" else int(name)
            if kind == "add":
                target.insert(index, operation["value"])
            elif kind == "replace":
                target[index] = operation["value"]
            else:
                del target[index]
        elif kind == "remove":
            del target[name]
        else:
            target[name] = operation["value"]
    return holder[""]


@dataclass
class _Mirror:
    """The copy of one subject, made of frames."""

    subject: str
    view: View = field(default_factory=lambda: View("stale"))

    @property
    def position(self) -> Optional[Tuple[str, int]]:
        if self.view.epoch is None or self.view.revision is None:
            return None
        return self.view.epoch, self.view.revision

    def take(self, frame: Dict[str, Any]) -> Optional[View]:
        """The new view, or None where nothing that can be seen has changed."""
        kind = frame["type"]
        if kind == "hello":
            self.view = copy.copy(self.view)
            self.view.stale_since = None
            return None
        if kind == "stale":
            return self._shown(phase="live" if frame["since"] is None else "stale", stale_since=frame["since"])
        if kind == "current" and frame["workflow_id"] is None:
            return self._shown(phase=self._phase, workflow_id=None, state=None, epoch=None, revision=None)
        if kind == "current" and frame["workflow_id"] != self.view.workflow_id:
            # Nothing is known of the next one yet, and what is known is of another.
            nothing = {"state": None, "epoch": None, "revision": None, "closed": None}
            return self._shown(phase="stale", workflow_id=frame["workflow_id"], **nothing)
        if kind == "closed":
            return self._shown(phase="closed", workflow_id=frame["workflow_id"], closed=frame["reason"])
        if kind not in ("snapshot", "changed", "resumed"):
            return None
        where = {key: frame[key] for key in ("workflow_id", "epoch", "revision")}
        at = (frame["epoch"], frame["revision"])
        is_older = self.position is not None and self.position[0] == at[0] and at[1] < self.position[1]
        if is_older:
            return None
        if kind == "snapshot":
            return self._shown(phase=self._phase, state=frame["state"], closed=None, **where)
        if self.position is None or self.position[0] != at[0]:
            return None
        if at == self.position:
            return self._shown(phase=self._phase)
        if kind == "resumed" or frame["base"] != self.position[1]:
            raise http.client.HTTPException("a change is missing")
        return self._shown(phase=self._phase, state=apply_patch(self.view.state, frame["patch"]), **where)

    def lost(self, problem: str) -> Optional[View]:
        if self.view.problem is not None:
            return None
        return self._shown(phase="closed" if self.view.closed else "stale", problem=problem)

    @property
    def _phase(self) -> str:
        return "live" if self.view.stale_since is None else "stale"

    def _shown(self, **part: Any) -> Optional[View]:
        before = self.view
        self.view = copy.copy(before)
        for key, value in {"problem": None, **part}.items():
            setattr(self.view, key, value)
        return None if self.view == before else self.view


@dataclass
class _Log:
    """Which byte of a followed output comes next, so that each is told once and in order."""

    #: The one that is wanted; None for the newest, and newer ones.
    only: Optional[int] = None
    #: None before anything came.
    attempt: Optional[int] = None
    next: int = 0

    def begins(self, attempt: int, start: int) -> None:
        """Where an answer begins that was asked for from here. An offset beyond the end means the end."""
        if self.attempt in (None, attempt):
            self.attempt, self.next = attempt, min(self.next, start)

    def take(self, part: Output) -> Optional[Output]:
        """What there is to tell of it. Raises HTTPException where bytes before it are missing, which are to be asked for."""
        if not self._is_wanted(part.attempt):
            return None
        if self.attempt is not None and part.attempt > self.attempt:
            self.attempt, self.next = part.attempt, 0
        if part.start - part.skipped == self.next:
            self.attempt, self.next = part.attempt, part.next
            return part
        if part.next > self.next:
            raise http.client.HTTPException("output is missing")
        return None

    def ended(self, attempt: Optional[int], at: Optional[int], reason: str) -> Optional[Output]:
        if reason == "over":
            if not self._is_wanted(attempt):
                return None
            if attempt != self.attempt and self.attempt is not None:
                self.next = 0
            self.attempt = attempt
            if at != self.next:
                raise http.client.HTTPException("output is missing")
        return Output(self.attempt, self.next, self.next, end=reason)

    def now(self, problem: Optional[str] = None) -> Output:
        return Output(self.attempt, self.next, self.next, problem=problem)

    def _is_wanted(self, attempt: Optional[int]) -> bool:
        if attempt is None or self.only not in (None, attempt):
            return False
        return self.attempt is None or attempt >= self.attempt


def _whole(data: bytes) -> int:
    """How many bytes can be told now: what may still become a character, or a line about bytes left out, waits."""
    begins = data.rfind(b"[")
    tail = data[begins:]
    if begins >= 0 and (_BEGINS_IT.startswith(tail) or _MAY_BECOME_IT.match(tail)):
        return begins - data[:begins].endswith(b"\n")
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    decoder.decode(data)
    return len(data) - len(decoder.getstate()[0])


def _finished_attempt(steps: List[Dict[str, Any]], index: int) -> Optional[int]:
    """The attempt with which a step, or a branch of one, has finished; None where it has not. A branch j of step i has the index 1000 * (j + 1) + i."""
    step = dict(enumerate(steps)).get(index % 1000, {})
    if index >= 1000:
        step = dict(enumerate(step.get("steps", []))).get(index // 1000 - 1, {})
    return step.get("attempt", 1) if step.get("status") in (*_ENDED, "skipped") else None


def _number(told: Optional[str]) -> int:
    if not (told or "").isdigit():
        raise http.client.HTTPException("no answer of Instep")
    return int(told)


def _refusal(answer: http.client.HTTPResponse) -> InstepError:
    try:
        body = json.loads(answer.read())
    except ValueError:
        body = {}
    after = answer.getheader("Retry-After", "")
    told = body if isinstance(body, dict) else {}
    error = InstepError(answer.status, told, float(after) if after.isdigit() else None)
    error.stale_since = answer.getheader("Instep-Stale")
    return error


def _pause(failures: int) -> float:
    """Half a second and longer each time, up to 15 s, by chance, so that many clients do not come back at once."""
    return min(15.0, 0.5 * 2 ** min(failures, 5)) * random.uniform(0.5, 1.0)
