"""Builds envelopes from the WSDL, sends them, reads answers and faults. One zeep client per adapter."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from adapters.transports.rest.client import HttpClient
from adapters.transports.rest.failures import Lost
from workbench.api import AdapterError, BrokenPromise

from .calls import SoapCall, SoapFault, SoapReply
from .wire import Wire


class SoapSender:
    """The way of one SOAP platform."""

    def __init__(self, client: HttpClient, settings: Mapping[str, Any], codec: Any) -> None:
        self.client = client
        self.settings = settings
        self.codec = codec
        self.wire = Wire(client, codec.WSDL)
        self._zeep: Any = None

    def send(self, call: SoapCall, *, lost: Lost, timeout: float | None = None) -> SoapReply:
        """Call one operation; raises the error by recovery for faults and for answers that do not fit the WSDL."""
        # zeep takes a fifth of a second to import; whoever only reads manifests need not wait for it.
        from zeep.exceptions import Error, Fault
        from zeep.helpers import serialize_object

        self.wire.lost, self.wire.timeout, self.wire.reply = lost, timeout, None
        try:
            result = self._call(call)
        except AdapterError:
            raise
        except Fault as fault:
            raise self._fault_error(fault, lost) from fault
        except (Error, TypeError, ValueError) as error:
            side = "the message does" if self.wire.reply is None else "the answer does"
            raise BrokenPromise(f"{side} not fit the WSDL: {type(error).__name__}") from error
        if self.wire.reply is None or result is None:
            raise BrokenPromise("the answer is empty")
        return SoapReply(serialize_object(result, dict), self.wire.reply.body)

    def renew(self) -> bool:
        """Nothing is lent: the settings hold the password."""
        return False

    def close(self) -> None:
        """Let go of the connections."""
        self.client.close()

    def _call(self, call: SoapCall) -> Any:
        service = self._service()
        header = self.codec.credential(self.settings, call, datetime.now(UTC))
        return service[call.operation](**call.values, _soapheaders=header)

    def _service(self) -> Any:
        if self._zeep is None:
            from zeep import Client, Settings  # slow to import, see above

            safe = Settings(strict=True, forbid_dtd=True, forbid_entities=True, forbid_external=True)
            self._zeep = Client(str(self.codec.WSDL), transport=self.wire, settings=safe)  # type: ignore[no-untyped-call]  # of zeep
            address = self._zeep.service._binding_options["address"]
            self.wire.path = urlsplit(address).path
        return self._zeep.service

    def _fault_error(self, fault: Any, lost: Lost) -> AdapterError:
        detail = {} if fault.detail is None else {_local(part.tag): part.text or "" for part in fault.detail.iter()}
        code = str(fault.code or "").rpartition(":")[2]
        known: AdapterError | None = self.codec.read_fault(SoapFault(code, str(fault.message or ""), detail))
        if known is not None:
            return known
        if code == "Server":
            return lost("failed inside (soap:Server)")
        return BrokenPromise("the platform finds our message wrong (soap:Client)")


def _local(tag: Any) -> str:
    return str(tag).rpartition("}")[2]
