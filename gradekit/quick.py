"""Import this first where seconds count.

jsonschema, without which no notebook is read, looks for rfc3987_syntax and imports it if it is there. That compiles a
grammar for a second, to check a kind of text (IRI) that no notebook has. jsonschema does without it.
"""

import sys

sys.modules.setdefault("rfc3987_syntax", None)
