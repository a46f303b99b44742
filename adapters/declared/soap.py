"""Declared SOAP: the operations of a WSDL kept beside platform.toml, with their values by path."""

import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from adapters.transports.soap.calls import SoapCall, SoapFault, SoapReply
from workbench.api import AdapterError, Refused
from workbench.api.declared import Ask
from workbench.api.manifest import PlatformManifest

from .exchange import ExchangeCodec
from .signing import headers_of

#: Characters that no XML document can hold.
UNSAYABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class DeclaredSoapCodec(ExchangeCodec):
    """The codec of one declared SOAP platform."""

    def __init__(self, platform: PlatformManifest, folder: Path) -> None:
        super().__init__(platform, folder)
        self.WSDL = folder / self.declared.wsdl

    def call(self, ask: Ask, facts: Mapping[str, object], body: dict[str, Any]) -> SoapCall:
        """Name the operation and its values."""
        _insist_on_sayable(body, "")
        return SoapCall(ask.operation, body)

    def tree(self, reply: SoapReply) -> tuple[Any, str, bytes]:
        """Give the answer's values."""
        return reply.values, "200", reply.body

    def credential(self, settings: Mapping[str, Any], call: SoapCall, now: datetime) -> dict[str, Any]:
        """Give the header element with its parts."""
        signing = self.declared.signing
        if not signing.element:
            return {}
        return {signing.element: headers_of(signing, settings, now, {"operation": call.operation})}

    def read_fault(self, fault: SoapFault) -> AdapterError | None:
        """Read a fault that carries one of their codes; None leaves it to the general rule."""
        name = self.declared.answer.code.rpartition(".")[2]
        for code in (fault.detail.get(name, ""), fault.code):
            if code in self.declared.errors:
                return self.reading.error(code, fault.text, "")
        return None


def _insist_on_sayable(value: object, path: str) -> None:
    if isinstance(value, Mapping):
        for name, part in value.items():
            _insist_on_sayable(part, f"{path}.{name}".strip("."))
    elif isinstance(value, list):
        for part in value:
            _insist_on_sayable(part, path)
    elif isinstance(value, str) and UNSAYABLE.search(value):
        raise Refused(f"{path}: 内容含有不可见的控制字符，请重新填写", code="character", field=path.rpartition(".")[2])
