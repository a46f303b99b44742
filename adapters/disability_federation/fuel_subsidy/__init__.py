"""The provincial fuel-subsidy system: assisted re-keying."""
