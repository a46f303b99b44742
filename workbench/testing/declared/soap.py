"""A declared department that speaks SOAP: every message is held against the schema of its WSDL."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from ...api.declared import Ask
from .. import http_department
from ..department import DepartmentHome
from ..http_department import Answered, Asked, serve_http
from .clerk import FAULTS as CLERK_FAULTS
from .clerk import Answer, Clerk, Said
from .door import Door
from .shape import Shape, look
from .wsdl import Service, WrongMessage, fault

FAULTS = (
    http_department.FAULTS
    | CLERK_FAULTS
    | {
        "soap_fault": "answers soap:Server before it takes anything",
        "fault_after_taking": "takes the matter, then answers soap:Server",
        "gbk": "answers in GBK and says so in the XML declaration",
    }
)


class SoapDepartment:
    """The service in front of the books."""

    def __init__(self, home: DepartmentHome, shape: Shape) -> None:
        self.home = home
        self.shape = shape
        self.clerk = Clerk(home, shape)
        self.door = Door(home, shape)
        self.services = self.clerk.services()
        self.service = Service(shape.folder / shape.declared.wsdl)

    def settings(self, base_url: str) -> dict[str, Any]:
        """Give what a caller needs."""
        self.door.settings = self.shape.settings(self.home, {"base_url": base_url})
        return self.door.settings

    def answer(self, asked: Asked) -> Answered:
        """Answer one request; the WSDL itself for GET."""
        if asked.method == "GET":
            return Answered(self.service.source, content_type="text/xml; charset=utf-8")
        if asked.path != self._path():
            return Answered(b"not found", 404, "text/plain")
        try:
            headers, operation, values = self.service.read(asked.body)
        except WrongMessage as wrong:
            return self._fault("Client", f"报文不符合 WSDL：{wrong}")
        if self.home.faults().get("soap_fault"):
            return self._fault("Server", "系统内部错误")
        if not self.door.lets_in(headers, {"operation": operation}):
            return self._send(operation, self.clerk.distrust())
        return self._serve(operation, values, asked.body.decode("utf-8", "replace"))

    def _path(self) -> str:
        address = self.service.root.find(".//{http://schemas.xmlsoap.org/wsdl/soap/}address")
        return urlsplit(address.get("location")).path if address is not None else ""

    def _serve(self, operation: str, values: dict[str, Any], raw: str) -> Answered:
        ask, answer = self._service_of(operation, values)
        trouble = None if ask is self.shape.declared.check else self.clerk.trouble()
        said = trouble or answer({field.theirs: look(values, field.theirs) for field in ask.map}, raw)
        if said.took and self.home.faults().get("fault_after_taking"):
            return self._fault("Server", "系统内部错误", took=True)
        return self._send(operation, said)

    def _service_of(self, operation: str, values: Mapping[str, Any]) -> tuple[Ask, Answer]:
        """Find the question an operation stands for; fixed texts tell two of one operation apart."""
        fitting = [service for service in self.services if service[0].operation == operation]
        return next((one for one in fitting if _speaks(one[0], values)), (fitting or self.services)[0])

    def _send(self, operation: str, said: Said) -> Answered:
        charset = self._charset()
        body = self.service.write(operation, said.tree, charset)
        return Answered(body, 200, f"text/xml; charset={charset.lower()}", took=said.took)

    def _fault(self, code: str, words: str, *, took: bool = False) -> Answered:
        charset = self._charset()
        return Answered(fault(code, words, charset=charset), 500, f"text/xml; charset={charset.lower()}", took=took)

    def _charset(self) -> str:
        return "GBK" if self.home.faults().get("gbk") else "UTF-8"


def _speaks(ask: Ask, values: Mapping[str, Any]) -> bool:
    return all(look(values, field.theirs) == field.text for field in ask.map if field.text)


def serve(home: DepartmentHome, shape: Shape) -> None:
    """Serve the department until the process is ended."""
    department = SoapDepartment(home, shape)
    serve_http(home, department.answer, department.settings)
