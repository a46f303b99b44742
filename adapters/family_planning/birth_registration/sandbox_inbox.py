"""The night shift of the pretend health commission: takes uploads in, writes replies.

It reads and writes files as the real one does and shares no code with our side, so that
a mistake there cannot hide behind the same mistake here.
"""

import csv
import hashlib
import io
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from workbench.testing.department import DepartmentHome

HEADINGS = ("流水号", "受理号", "姓名", "证件号码", "结果代码", "结果说明", "退回栏目", "办理时间")
DECISIONS = {
    "granted": ("2", "予以登记,生育服务证已生成电子证照", ""),
    "refused": ("3", "户籍地核实:登记孩次与全员人口库不一致", ""),
    "correction": ("4", "结婚证字号与婚姻登记信息不一致,请核对后重报", "结婚证字号"),
}


class Inbox:
    """The folders up (theirs to fetch), down (replies) and done (what they fetched)."""

    def __init__(self, home: DepartmentHome) -> None:
        self.home = home
        self.root = home.folder / "exchange"
        self.up, self.down, self.done = (self.root / name for name in ("up", "down", "done"))
        for folder in (self.up, self.down, self.done):
            folder.mkdir(parents=True, exist_ok=True)
        #: Matters without a final reply, by parcel key.
        self.open = {entry.key for entry in home.entries()}

    def process(self) -> None:
        """Take whole uploads, then answer what was taken and what was decided. Safe to repeat."""
        waiting = sorted(self.up.glob("*.ok"))
        faults = self.home.faults()  # after the look: a switch turned before an upload came holds for it
        for manifest in waiting:
            upload = manifest.with_suffix(".csv")
            if _is_whole(upload, manifest) and not faults.get("never_fetch"):
                self._fetch(upload, manifest)
        if not faults.get("never_reply"):
            self.home.decide_due()
            self._reply()

    def _fetch(self, upload: Path, manifest: Path) -> None:
        for row in csv.DictReader(io.StringIO(upload.read_bytes().decode("gbk"), newline="")):
            if self.home.faults().get("refuse_rows"):
                self._write(row["流水号"], 2, row, "", ("3", "户籍地区划代码已停用,不予接收", "户籍地区划"))
            else:
                self.home.take(row["流水号"], row["办件编号"], "apply", row, prefix="SY")
                self.open.add(row["流水号"])
        # The manifest goes first: a crash in between leaves a file without one, which is then simply re-sent.
        manifest.rename(self.done / manifest.name)
        upload.rename(self.done / upload.name)

    def _reply(self) -> None:
        partial = self.home.faults().get("partial")
        for key in list(self.open):
            entry = self.home.find(key)
            if entry is None:
                continue
            row = dict(entry.message)
            if partial:
                self._write(entry.key, 0, row, "", ("0", "已接收,受理号随后下发", ""))
                continue
            self._write(entry.key, 1, row, entry.reference, ("1", "已受理", ""))
            if entry.status in DECISIONS:
                self._write(entry.key, 2, row, entry.reference, DECISIONS[entry.status])
                if (self.down / f"SYDJ_{key}_HZ02.ok").exists():
                    self.open.discard(key)

    def _write(self, key: str, number: int, row: dict[str, str], reference: str, said: tuple[str, str, str]) -> None:
        name = f"SYDJ_{key}_HZ{number:02}"
        faults, reply = self.home.faults(), self.down / f"{name}.csv"
        if (self.down / f"{name}.ok").exists():
            return
        id_no = f"{float(row['证件号码'][:17] + '0'):.5E}" if faults.get("excel") else row["证件号码"]
        now = datetime.now(ZoneInfo("Asia/Shanghai"))
        at = f"{now.year}/{now.month}/{now.day} {now:%H:%M:%S}"
        content = _table((key, reference, row["姓名"], id_no, *said, at))
        if faults.get("garbage"):
            content = b"\xff\xfe\x00garbage\x00"
        if faults.get("half_file"):
            reply.write_bytes(content[: len(content) // 2])
            return
        reply.write_bytes(content)
        digest = hashlib.sha256(content).hexdigest()
        partial = self.down / f"{name}.ok.tmp"
        partial.write_text(f"file={reply.name}\nrows=1\nsha256={digest}\n")
        partial.rename(self.down / f"{name}.ok")


def _table(row: tuple[str, ...]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(HEADINGS)
    writer.writerow(row)
    return text.getvalue().encode("gbk")


def _is_whole(upload: Path, manifest: Path) -> bool:
    if not upload.exists():
        return False
    stated = dict(line.split("=", 1) for line in manifest.read_text("ascii").splitlines())
    content = upload.read_bytes()
    rows = len(list(csv.reader(io.StringIO(content.decode("gbk"), newline="")))) - 1
    return stated["sha256"] == hashlib.sha256(content).hexdigest() and stated["rows"] == str(rows)
