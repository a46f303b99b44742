"""The ground floor: engine and sessions, ids, clock, field encryption, files, migrations.

Knows no subject of the workbench; every other room stands on it.
"""
