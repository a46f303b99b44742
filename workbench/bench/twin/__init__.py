"""The hand-written twin: the same screens as bare Flask, SQL and Jinja, for the product to be held to.

What it shares with the product is the matter itself (item files, rules, calendar, words of states,
password hashing); pages, queries and duties are its own.
"""

#: What the product does beyond the twin; printed with every result.
LACKS = (
    "English and the choice of language",
    "registered lines: hooks, boxes and menus of plug-ins, and their failing alone",
    "PostgreSQL",
    "typed rows, migrations, optimistic versions",
    "kept forms after a session ended, idle lock, step-up reasons",
    "security headers, request log, metrics, error pages",
    "checks of a form while it is typed; reasons beside overruled values on the twin's form are not read",
    "following names and phones of facts into search keys",
    "the cases of a colleague one covers, on the home page",
)
