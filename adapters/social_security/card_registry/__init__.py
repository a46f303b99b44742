"""The social security card registry: JSON over HTTP behind OAuth 2.0 client credentials."""
