"""Runs verify.py for the tests: reads a token and a body from each line of input, and writes the result."""
import json
import socket
import sqlite3
import sys

lookup = socket.getaddrinfo  # not every system finds *.localhost (RFC 6761 §6.3)
socket.getaddrinfo = lambda host, *rest, **more: lookup("127.0.0.1" if str(host).endswith(".localhost") else host, *rest, **more)
import verify  # noqa: E402

db = sqlite3.connect(sys.argv[1])
db.execute(verify.TABLE)
for line in sys.stdin:
    asked = json.loads(line)
    try:
        with db:
            approval, person, first = verify.approved(db, asked["token"], asked["body"], asked["kind"])
        answer = {"approval": approval, "person": person, "first": first}
    except verify.Refused as why:
        answer = {"refused": str(why)}
    print(json.dumps(answer), flush=True)
