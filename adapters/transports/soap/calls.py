"""What a SOAP codec says and hears. Pure data, no network."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class SoapCall:
    """One operation of the WSDL with its values, by element name."""

    operation: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SoapReply:
    """The answer's values by element name, and the envelope byte for byte."""

    values: Mapping[str, Any]
    body: bytes


@dataclass(frozen=True, slots=True)
class SoapFault:
    """A soap:Fault: its code without prefix, its words, the texts of its detail by element name."""

    code: str
    text: str
    detail: Mapping[str, str] = field(default_factory=dict)
