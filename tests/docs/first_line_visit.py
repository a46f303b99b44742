"""One case of an item, accepted over the machine interface and watched until the department decided: run by a test.

python first_line_visit.py ITEM…: uses the installation of WORKBENCH_INSTANCE, whose worker process is running.
"""

import sys
import time
from typing import Any

from sitting import fitting_values, id_number

from workbench.app import create_app
from workbench.catalogue.form import form_of
from workbench.catalogue.loaded import catalogue
from workbench.commands.installation import open_installation
from workbench.identity.tokens import make_token
from workbench.store.ids import new_id

SCOPES = ("items:read", "persons:write", "cases:read", "cases:write", "deliveries:read")
WITHIN = 180.0


class Visit:
    """One machine of the hub."""

    def __init__(self) -> None:
        with open_installation() as home:
            self.app = create_app(home.settings, home.installed)
            self.installed = home.installed
            with home.store.write() as session:
                token = make_token(home.context(session, "wutong"), "试验", SCOPES, None)
        self.headers = {"Authorization": f"Bearer {token}", "X-Purpose": "test"}

    def ask(self, path: str, content: Any = None) -> Any:
        client = self.app.test_client()
        path = f"/api/v1{path}"
        sent = (
            client.post(path, json=content, headers=self.headers) if content else client.get(path, headers=self.headers)
        )
        assert sent.status_code < 300, sent.get_data(as_text=True)
        return sent.get_json()

    def accept(self, code: str, person_id: str) -> str:
        manifest = catalogue(self.installed).by_code[code][0].manifest
        order = {
            "idempotency_key": new_id(),
            "person_id": person_id,
            "item_code": code,
            "values": fitting_values(form_of(manifest)),
            "materials": {material.key: "sighted" for material in manifest.materials},
            "reasons": {},
            "accept": True,
        }
        return str(self.ask("/cases", order)["id"])

    def decided(self, case_id: str) -> Any:
        until = time.monotonic() + WITHIN
        while time.monotonic() < until:
            case = self.ask(f"/cases/{case_id}")
            if case["state"] == "concluded":
                return case
            time.sleep(0.5)
        raise AssertionError(f"not decided within {WITHIN:.0f} seconds: {case}")


def main(codes: list[str]) -> None:
    visit = Visit()
    person = {"name": "测试甲", "id_type": "111", "id_no": id_number("99010019600101901"), "phone": "19999900001"}
    person_id = visit.ask("/persons", person | {"rank": "word", "source": "本人"})["id"]
    cases = {code: visit.accept(code, person_id) for code in codes}
    for code, case_id in cases.items():
        case = visit.decided(case_id)
        print(code, case["state"], case.get("result", ""))


if __name__ == "__main__":
    main(sys.argv[1:])
