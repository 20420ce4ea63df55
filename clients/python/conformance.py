"""Instep's Python client over stdin and stdout, for the part `state` of the conformance suite: node conformance/run.mjs -- python3 clients/python/conformance.py"""

import http.client
import json
import sys

from instep import _Mirror


def main() -> None:
    mirror = _Mirror("current")
    for line in sys.stdin:
        told = json.loads(line)
        kind = told["do"]
        if kind == "begin":
            mirror = _Mirror(told["subject"])
        elif kind == "frame":
            try:
                mirror.take(told["frame"])
            except http.client.HTTPException as error:
                mirror.lost(str(error))
        elif kind == "cut":
            mirror.lost("the stream ended")
        else:
            print(json.dumps(answer(mirror, told["what"])), flush=True)


def answer(mirror: _Mirror, what: str) -> object:
    view = mirror.view
    if what == "last":
        return mirror.position and {"epoch": mirror.position[0], "revision": mirror.position[1]}
    return {
        "live": view.phase == "live",
        "workflow_id": view.workflow_id,
        "epoch": view.epoch,
        "revision": view.revision,
        "state": view.state,
        "closed": view.closed,
    }


if __name__ == "__main__":
    main()
