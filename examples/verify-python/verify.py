"""Takes a token of Mandate identity for one approved request: PyJWT verifies it, introspection says whether it is active."""

import sqlite3

import jwt
import requests

ISSUER = "http://localhost:3001/"
AUDIENCE = "http://localhost:4000"
API, SECRET = "bookings", "the secret of `introspection` in mandate.toml"

metadata = requests.get(ISSUER + ".well-known/openid-configuration", timeout=5).json()
keys = jwt.PyJWKClient(metadata["jwks_uri"])
db = sqlite3.connect("approvals.sqlite", isolation_level=None)
db.execute("CREATE TABLE IF NOT EXISTS used (approval TEXT PRIMARY KEY, person TEXT NOT NULL)")


class Refused(Exception):
    """Why a request isn't done."""


def approved(token: str, body: dict, kind: str) -> tuple[str, str, bool]:
    """The approval's id, its person, and whether this is its first use, for a body that is exactly what was approved."""
    try:
        if jwt.get_unverified_header(token).get("typ", "").lower() != "at+jwt":
            raise Refused("this is no access token")
        key = keys.get_signing_key_from_jwt(token).key
        required = {"require": ["exp", "iss", "aud", "sub", "txn", "authorization_details"]}
        claims = jwt.decode(token, key, ["RS256", "ES256"], audience=AUDIENCE, issuer=ISSUER, options=required)
    except jwt.PyJWTError as wrong:
        raise Refused(f"the token is not valid here: {wrong}") from wrong
    answer = requests.post(
        metadata["introspection_endpoint"], {"token": token}, auth=(API, SECRET), timeout=5, allow_redirects=False
    )
    if answer.status_code != 200 or answer.json().get("active") is not True:
        raise Refused("the token is no longer active")
    if claims["authorization_details"] != [body] or body.get("type") != kind:
        raise Refused("this is not what was approved")
    done = db.execute("INSERT INTO used VALUES (?, ?) ON CONFLICT DO NOTHING", (claims["txn"], claims["sub"]))
    return claims["txn"], claims["sub"], done.rowcount == 1
