"""Front-end exchange databases: we insert rows into our table, the department answers in its own.

Ours has the shape of EX_GDBS_SB, theirs of PRE_TRANSACT. Works on SQLite, PostgreSQL and
MariaDB. Rows of either side are marked, never deleted.
"""

from .adapter import ExchangeAdapter, make_adapter
from .codec import RowCodec

__all__ = ["ExchangeAdapter", "RowCodec", "make_adapter"]
