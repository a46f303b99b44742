"""File drops over SFTP: one parcel is one file with one row; replies come back as files.

A file counts only once its `.ok` manifest exists; both are written as `.part` and renamed.
The file name is made from the parcel key, so that sending twice is one file.
"""

from .adapter import SftpAdapter, make_adapter
from .codec import FileCodec

__all__ = ["FileCodec", "SftpAdapter", "make_adapter"]
