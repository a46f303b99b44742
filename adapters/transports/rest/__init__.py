"""HTTP with JSON or forms: a kept-alive client, ways of signing, errors by recovery."""

from collections.abc import Mapping
from typing import Any

from workbench.api import Adapter
from workbench.api.manifest import PlatformManifest

from .adapter import ExchangeAdapter
from .calls import Call, Reply, Secret, form_call, json_call
from .client import HttpClient
from .sender import RestSender
from .signing import ClientCredentials, Signing, Unsigned


def make_adapter(platform: PlatformManifest, settings: Mapping[str, Any], codec: Any) -> Adapter:
    """Build the adapter of one platform; nothing is opened before its first use."""

    def open_sender(complete: Mapping[str, Any]) -> RestSender:
        client = HttpClient(complete, platform.limits.timeout_seconds)
        return RestSender(client, complete, getattr(codec, "signing", Unsigned()))

    return ExchangeAdapter(platform, settings, codec, open_sender)


__all__ = [
    "Call",
    "ClientCredentials",
    "Reply",
    "Secret",
    "Signing",
    "Unsigned",
    "form_call",
    "json_call",
    "make_adapter",
]
