"""Codecs made from a platform.toml alone: one per way, built from what the platform declares."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from workbench.api.manifest import PlatformManifest

from .files import FilesCodec
from .pages import PagesCodec
from .rekeying import RekeyingCodec
from .rest import RestCodec
from .soap import DeclaredSoapCodec
from .tables import TablesCodec

WAYS: Mapping[str, Callable[[PlatformManifest, Path], Any]] = {
    "rest": RestCodec,
    "soap": DeclaredSoapCodec,
    "sftp": FilesCodec,
    "exchange_db": TablesCodec,
    "web_form": PagesCodec,
    "rekey": RekeyingCodec,
}


def make_codec(platform: PlatformManifest, folder: Path) -> Any:
    """Build the codec of a declared platform; `folder` holds platform.toml and codes/."""
    if platform.way not in WAYS:
        raise ValueError(f"{platform.id}: a platform reached by {platform.way} cannot be declared; it needs a codec")
    return WAYS[platform.way](platform, folder)


__all__ = ["make_codec"]
