"""What zeep sends through: our own HTTP client, and no network at all for schemas."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lxml import etree

from adapters.transports.rest.calls import Call, Reply
from adapters.transports.rest.client import HttpClient
from adapters.transports.rest.failures import Lost, refuse_status
from workbench.api import BrokenPromise, TryLater


class Envelope:
    """An answer as zeep wants to see it."""

    encoding = "utf-8"

    def __init__(self, reply: Reply) -> None:
        self.status_code = reply.status
        self.content = reply.body
        self.headers: dict[str, str] = {}


class Wire:
    """The transport of one zeep client; `lost` and `timeout` are set before each call."""

    def __init__(self, client: HttpClient, wsdl: Path, path: str = "") -> None:
        self.client = client
        self.wsdl = wsdl
        self.path = path
        self.lost: Lost = TryLater
        self.timeout: float | None = None
        self.reply: Reply | None = None

    def load(self, url: str) -> bytes:
        """Give the WSDL; everything it might import by address is refused."""
        if Path(url) != self.wsdl:
            raise BrokenPromise("the WSDL must not fetch anything")
        return self.wsdl.read_bytes()

    def post_xml(self, address: str, envelope: Any, headers: Mapping[str, str]) -> Envelope:
        """Send one envelope and keep the answer byte for byte."""
        body = etree.tostring(envelope, xml_declaration=True, encoding="utf-8")
        told = {name: value for name, value in headers.items() if name.lower() != "content-type"}
        call = Call("POST", self.path, headers=told, body=body, content_type="text/xml; charset=utf-8")
        reply = self.client.send(call, lost=self.lost, timeout=self.timeout)
        is_xml = "xml" in reply.headers.get("content-type", "")
        if reply.status != 200 and not (reply.status == 500 and is_xml):
            raise refuse_status(reply, self.lost)
        if not is_xml:
            raise BrokenPromise("answered something that is not XML: perhaps a sign-in page")
        self.reply = reply
        return Envelope(reply)
