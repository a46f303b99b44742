"""Departments are called in English where their own line says how, and stay as they stand everywhere else."""

import pytest
from screens import open_world

from workbench.settings import Settings
from workbench.store.engine import Store
from workbench.web.departments import department


@pytest.mark.parametrize(
    ("locale", "said"),
    [("en", ["Public Security Bureau", "测试部门", ""]), ("zh_CN", ["公安局", "测试部门", ""])],
)
def test_department_is_named_as_its_line_names_it(
    settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch, locale: str, said: list[str]
) -> None:
    app = open_world(settings, store, monkeypatch).app
    with app.test_request_context("/", headers={"Cookie": f"locale={locale}"}):
        assert [department(name) for name in ("公安局", "测试部门", None)] == said
    app.extensions["workbench"].store.close()
