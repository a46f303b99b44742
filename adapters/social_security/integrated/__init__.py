"""The integrated social security system of the province: SOAP with a WSDL kept here."""
