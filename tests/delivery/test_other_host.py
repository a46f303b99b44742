"""A worker host that is lost with its whole instance takes nothing along that was acknowledged."""

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

from told import PLATFORM

from workbench.delivery.lease import claim
from workbench.settings import Settings, load_settings


def test_other_host_sends_what_was_accepted_on_a_host_that_is_gone(
    settings: Settings, post: Any, act: Any, tmp_path: Path
) -> None:
    shared = {"keys_file": tmp_path / "shared" / "keys.toml", "files_folder": tmp_path / "shared" / "files"}
    shared["keys_file"].parent.mkdir()
    here = replace(settings, **shared)
    ring = here.keys()
    digest = here.file_store(ring).put(b"a scan")
    file = {"digest": digest, "name": "scan.pdf", "media_type": "application/pdf", "size": 6}
    (key,) = post.send(content={"values": {"name": "x"}, "files": [file]})

    shutil.rmtree(here.instance)

    there = replace(here, instance=tmp_path / "other")
    with act() as ctx:
        files = there.file_store(there.keys())
        terms = {"worker_id": "other", "platform_id": PLATFORM, "limit": 1, "now": ctx.clock.now()}
        (claimed,) = claim(ctx.session, files, **terms)
    assert claimed.delivery_id == key
    assert claimed.parcel.files[0].read() == b"a scan"


def test_settings_name_the_shared_places(tmp_path: Path) -> None:
    named = {
        "WORKBENCH_INSTANCE": str(tmp_path),
        "WORKBENCH_KEYS": str(tmp_path / "k"),
        "WORKBENCH_FILES": "/srv/files",
    }
    found = load_settings(named)
    assert (found.keys_file, found.files_folder) == (tmp_path / "k", Path("/srv/files"))
