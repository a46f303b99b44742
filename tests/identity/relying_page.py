#!/usr/bin/env python3
"""The department's page: says what it was told about the worker, asks for the matter, and brings a number back."""

import json
import os
import sys
from urllib.parse import parse_qs, urlencode
from urllib.request import ProxyHandler, Request, build_opener

told = {key.removeprefix("OIDC_CLAIM_"): value for key, value in os.environ.items() if key.startswith("OIDC_CLAIM_")}
token = os.environ.get("OIDC_access_token", "")  # noqa: SIM112 - as Apache writes it
number = parse_qs(os.environ.get("QUERY_STRING", "")).get("number", [""])[0]
address = told["iss"] + "/oidc/launch"


def call(data: bytes | None) -> object:
    asked = Request(address, data=data, headers={"Authorization": f"Bearer {token}"})
    try:
        with build_opener(ProxyHandler({})).open(asked, timeout=120) as answer:
            return json.load(answer)
    except OSError as error:
        return {"status": getattr(error, "code", 0)}


matter = call(urlencode({"number": number}).encode() if number else None)
sys.stdout.write("Content-Type: application/json\r\n\r\n")
sys.stdout.write(json.dumps({"told": told, "matter": matter, "token": token}))
