"""Verifies a token of Mandate identity for an approved request: signature, active, exact details, first use."""
import json
from os import environ

import jwt
import requests

ISSUER, AUDIENCE = environ["ISSUER"], environ["AUDIENCE"]  # the issuer ends in a slash
CLIENT = (environ["API_ID"], environ["API_SECRET"])  # the API's `id` and `introspection` in mandate.toml
TABLE = "CREATE TABLE IF NOT EXISTS used (approval TEXT PRIMARY KEY, person TEXT NOT NULL)"

metadata = requests.get(ISSUER + ".well-known/openid-configuration", timeout=5).json()
keys = jwt.PyJWKClient(metadata["jwks_uri"])


class Refused(Exception):
    """The request must not be done; the text says why."""


def approved(db, token: str, body: dict, kind: str) -> tuple[str, str, bool]:
    """The approval's id, its person, and whether this is its first use. Call it in the change's own transaction."""
    try:
        key = keys.get_signing_key_from_jwt(token)  # a PyJWK, which says its algorithm
        options = {"require": ["exp", "iss", "aud", "sub", "txn", "authorization_details"]}
        claims = jwt.decode(token, key, ["RS256", "ES256"], options=options, audience=AUDIENCE, issuer=ISSUER)
        is_access_token = jwt.get_unverified_header(token).get("typ") == "at+jwt"
    except jwt.PyJWTError as wrong:
        raise Refused(f"the token is not valid here: {wrong}") from wrong
    asked = {"data": {"token": token}, "auth": CLIENT, "timeout": 5, "allow_redirects": False}
    answer = requests.post(metadata["introspection_endpoint"], **asked)
    if not is_access_token or answer.status_code != 200 or answer.json().get("active") is not True:
        raise Refused("this is no active access token")
    given, agreed = (json.dumps(it, sort_keys=True) for it in ([body], claims["authorization_details"]))
    if given != agreed or body.get("type") != kind:  # as text, since True equals 1 in Python
        raise Refused("this is not what was approved")
    first = db.execute("INSERT INTO used VALUES (?, ?) ON CONFLICT DO NOTHING", (claims["txn"], claims["sub"])).rowcount
    if db.execute("SELECT person FROM used WHERE approval = ?", (claims["txn"],)).fetchone() != (claims["sub"],):
        raise Refused("this approval was used by another person")
    return claims["txn"], claims["sub"], first == 1
