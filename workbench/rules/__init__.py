"""Three-valued rules over facts: read, decide, explain, and compile to SQL.

Pure: facts come in as a mapping and nothing is read or written here.
"""
