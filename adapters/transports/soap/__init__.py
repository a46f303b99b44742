"""SOAP with the WSDL kept beside the codec: messages are built and read by zeep, carried by our HTTP client."""

from collections.abc import Mapping
from typing import Any

from adapters.transports.rest.adapter import ExchangeAdapter
from adapters.transports.rest.client import HttpClient
from workbench.api import Adapter
from workbench.api.manifest import PlatformManifest

from .calls import SoapCall, SoapFault, SoapReply
from .sender import SoapSender


def make_adapter(platform: PlatformManifest, settings: Mapping[str, Any], codec: Any) -> Adapter:
    """Build the adapter of one platform; the WSDL is read at its first use.

    Beside what `ExchangeAdapter` asks for, the codec has `WSDL` (a path), `credential(settings,
    call, now)` giving the header parts by name, and `read_fault(fault)` giving an error or None.
    """

    def open_sender(complete: Mapping[str, Any]) -> SoapSender:
        return SoapSender(HttpClient(complete, platform.limits.timeout_seconds), complete, codec)

    return ExchangeAdapter(platform, settings, codec, open_sender)


__all__ = ["SoapCall", "SoapFault", "SoapReply", "make_adapter"]
