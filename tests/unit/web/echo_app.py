"""What the worker's tests serve: says what it was sent. `/held` answers only when the file named by RELEASE exists."""

import hashlib
import json
import os
import time
from pathlib import Path


def app(environ, start_response):
    body = environ["wsgi.input"].read()
    if environ["PATH_INFO"] == "/held":
        while not Path(os.environ["RELEASE"]).exists():
            time.sleep(0.01)
    if environ["PATH_INFO"] == "/crash":
        raise RuntimeError("a bug")
    answer = {
        "path": environ["PATH_INFO"],
        "bytes": len(body),
        "sha": hashlib.sha256(body).hexdigest(),
        "expect": environ.get("HTTP_EXPECT"),
    }
    data = json.dumps(answer).encode()
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(data)))])
    return [data]
