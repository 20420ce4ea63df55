"""Instep's Python client over stdin and stdout, for the conformance suite:
node conformance/run.mjs --parts state,output,commands -- python3 clients/python/conformance.py"""

import http.client
import json
import sys
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Callable, Dict, List, Optional, Tuple

import instep
from instep import Answer, Instep, InstepError, NoAnswer, Output, _Log, _Mirror


class State:
    """The part `state`: the frames of server-sent events, and what `watch` makes of them."""

    def __init__(self, begin: Dict[str, Any]):
        self.mirror = _Mirror(begin["subject"])

    def frame(self, frame: Dict[str, Any]) -> None:
        try:
            self.mirror.take(frame)
        except http.client.HTTPException as error:
            self.mirror.lost(str(error))

    def cut(self) -> None:
        self.mirror.lost("the stream ended")

    def ask(self, told: Dict[str, Any]) -> object:
        view, at = self.mirror.view, self.mirror.position
        if told["what"] == "last":
            return at and {"epoch": at[0], "revision": at[1]}
        return {
            "live": view.phase == "live",
            "workflow_id": view.workflow_id,
            "epoch": view.epoch,
            "revision": view.revision,
            "state": view.state,
            "closed": view.closed,
        }


class Followed:
    """The part `output`: what `follow_log` makes of answers of REST that say what these frames say."""

    def __init__(self, begin: Dict[str, Any]):
        self.log = _Log(next=begin["from"])
        self.shown = {"attempt": None, "text": "", "skipped": 0, "end": None}

    def frame(self, frame: Dict[str, Any]) -> None:
        kind, attempt = frame["type"], frame.get("attempt")
        try:
            if kind == "log":
                place = attempt, frame["from"], frame["next"]
                self.tell(self.log.take(Output(*place, frame["text"].encode(), frame.get("skipped", 0))))
            elif kind == "log_end":
                self.tell(self.log.ended(attempt, frame["next"], frame["reason"]))
        except http.client.HTTPException:
            pass  # It asks again from where it stands.

    def tell(self, part: Any) -> None:
        if part is None:
            return
        if part.attempt != self.shown["attempt"]:
            self.shown = {"attempt": part.attempt, "text": "", "skipped": 0, "end": None}
        self.shown["text"] += part.text
        self.shown["skipped"] += part.skipped
        self.shown["end"] = part.end

    def cut(self) -> None:
        pass

    def ask(self, told: Dict[str, Any]) -> object:
        return {"attempt": self.log.attempt, "from": self.log.next} if told["what"] == "last" else self.shown


class Commands:
    """The part `commands`: calls of the client, made by one worker as in docs/embedding.md, with a link of ours in place of HTTP. One command is
    on its way at a time, and those behind it wait for its answer: they count as sent, in that order."""

    def __init__(self, begin: Dict[str, Any]):
        self.client = Instep(patience=float("inf"))
        self.client._once = self.once
        self.worker = ThreadPoolExecutor(max_workers=1)
        self.futures: Dict[str, Future] = {}
        self.commands: Dict[str, Dict[str, Any]] = {}
        #: Told by the server, and not yet taken.
        self.answers: Dict[str, Dict[str, Any]] = {}
        self.link = 0
        #: Over the present link.
        self.sent: List[Dict[str, Any]] = []
        self.on_its_way: Optional[str] = None
        self.has_ended = False
        self.changed = threading.Condition()

    def propose(self, request_id: str, command: Dict[str, Any]) -> None:
        call: Tuple[Any, ...] = (self.client.save, command.get("state"))
        if command["kind"] == "step":
            call = (self.client.step, command["index"], command["update"], command["workflow_id"])
        self.commands[request_id] = command
        self.futures[request_id] = self.worker.submit(*call, request_id=request_id)
        self.futures[request_id].add_done_callback(lambda _: self.change())

    def once(self, method: str, path: str, raw: bytes, headers: Dict[str, str], query: Dict[str, Any]) -> Answer:
        """One try, by the worker: until the answer comes or the link is cut."""
        request_id, body = headers["Idempotency-Key"], json.loads(raw)
        command = {"kind": "save", "state": body}
        if method == "PATCH":
            command = {"kind": "step", **query, "index": int(path.split("/")[-1]), "update": body}
        with self.changed:
            link, self.on_its_way = self.link, request_id
            self.sent.append({"request_id": request_id, "command": command})
            self.changed.notify_all()
            self.changed.wait_for(lambda: request_id in self.answers or self.link != link or self.has_ended)
            self.on_its_way = None
            answer = self.answers.pop(request_id, None)
        if self.has_ended:
            raise EOFError
        if answer is None:
            raise ConnectionResetError("the link was cut")
        if answer["type"] == "refused":
            raise InstepError(400, answer)
        return Answer(200, {}, json.dumps(answer).encode())

    def frame(self, frame: Dict[str, Any]) -> None:
        if frame.get("request_id") in self.commands:
            self.change(lambda: self.answers.update({frame["request_id"]: frame}))

    def cut(self) -> None:
        self.settled()
        self.link += 1
        self.sent = []
        self.change()

    def change(self, how: Callable[[], None] = lambda: None) -> None:
        with self.changed:
            how()
            self.changed.notify_all()

    def settled(self) -> List[str]:
        """Those without an answer, once the others have taken theirs and the first of these is on its way."""

        def is_settled() -> bool:
            first = next((each for each in self.futures if not self.futures[each].done()), None)
            return first is None or (first == self.on_its_way and first not in self.answers)

        with self.changed:
            self.changed.wait_for(is_settled, timeout=20)
            return [each for each in self.futures if not (self.futures[each].done() or each in self.answers)]

    def ask(self, told: Dict[str, Any]) -> object:
        waiting = self.settled()
        if told["what"] == "sent":
            known = {one["request_id"] for one in self.sent}
            later = [each for each in waiting if each not in known]
            return self.sent + [{"request_id": each, "command": self.commands[each]} for each in later]
        future = self.futures[told["request_id"]]
        if not future.done():
            return None
        try:
            return {"accepted": {key: future.result()[key] for key in ("workflow_id", "epoch", "revision")}}
        except InstepError as error:
            return {"refused": {"code": error.code, "errors": error.errors}}
        except NoAnswer:
            return None

    def end(self) -> None:
        self.has_ended = True
        self.change()


#: Nobody waits here for a link that is there.
instep._pause = lambda failures: 0

PARTS = {"state": State, "output": Followed, "commands": Commands}


def main() -> None:
    client: Any = None
    for line in sys.stdin:
        told = json.loads(line)
        kind = told["do"]
        if kind == "begin":
            end(client)
            client = PARTS[told.get("part", "state")](told)
        elif kind == "frame":
            client.frame(told["frame"])
        elif kind == "cut":
            client.cut()
        elif kind == "propose":
            client.propose(told["request_id"], told["command"])
        else:
            print(json.dumps(client.ask(told)), flush=True)
    end(client)


def end(client: Any) -> None:
    if isinstance(client, Commands):
        client.end()


if __name__ == "__main__":
    main()
