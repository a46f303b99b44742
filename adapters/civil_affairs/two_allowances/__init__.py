"""The system of the two allowances for disabled people: assisted re-keying."""
