"""Declared re-keying: the sheet stands in `rekey_fields`; here is only what it must have."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from workbench.api.declared import Declared
from workbench.api.manifest import PlatformManifest


class RekeyingCodec:
    """The codec of one declared platform whose screens are typed into by a person."""

    def __init__(self, platform: PlatformManifest, folder: Path) -> None:
        declared = platform.declared or Declared()
        needed = frozenset(field.fact for field in platform.rekey_fields if field.required)
        self.REQUIRED: Mapping[str, frozenset[str]] = Needed(declared.items, needed)
        # The transport finds codes/ beside the codec.
        self.__file__ = str(folder / "platform.toml")


class Needed(Mapping[str, frozenset[str]]):
    """What must be on the sheet, by item code; without a list of items it is the same for every item."""

    def __init__(self, items: tuple[str, ...], needed: frozenset[str]) -> None:
        self.items_taken = items
        self.needed = needed

    def __getitem__(self, code: str) -> frozenset[str]:
        if self.items_taken and code not in self.items_taken:
            raise KeyError(code)
        return self.needed

    def __iter__(self) -> Iterator[str]:
        return iter(self.items_taken)

    def __len__(self) -> int:
        return len(self.items_taken)
