"""What Alembic runs for every command: one connection, one chain, both given by `workbench.store.migrate`."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

attributes = context.config.attributes
chain = attributes["chain"]


def render(kind: str, item: Any, autogenerate: AutogenContext) -> str | Literal[False]:
    """Write our own and SQLModel's column types by what they are in the database."""
    if kind != "type":
        return False
    name = type(item).__name__
    if name in ("Sealed", "SealedJson", "SealedBytes", "Blind"):
        return "sa.LargeBinary()"
    if name == "AutoString":
        return f"sa.String(length={item.length})" if item.length else "sa.String()"
    if name == "UTCDateTime":
        return "sa.DateTime(timezone=True)"
    if name == "JSON":
        autogenerate.imports.add("from workbench.store.types import Json")
        return "Json"
    if name == "String" and item._variant_mapping:
        autogenerate.imports.add("from workbench.store.types import sorted_text")
        return f"sorted_text({item.length})"
    return False


context.configure(
    connection=attributes["connection"],
    target_metadata=chain.metadata,
    version_table=chain.version_table,
    include_object=chain.owns,
    render_item=render,
    render_as_batch=True,
    compare_type=False,
)
context.run_migrations()
