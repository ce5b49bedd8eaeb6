"""A formula of the book and what touches it, on one line."""

import re

from sphinx.cmd.build import main as sphinx

SETTINGS = 'extensions = ["myst_nb", "book.joined"]\nmyst_enable_extensions = ["dollarmath"]\n'
JOINED = re.compile(r'<span class="joined">(.*?)<span class="math[^>]*>\\\((.+?)\\\)</span>(.*?)</span>')


def test_what_touches_a_formula_is_joined_with_it_and_no_more(tmp_path):
    (tmp_path / "index.md").write_text("# Joined\n\nSay ($a$), $b$: now **$c$** -$d$-$e$ and $f$ alone.\n")
    (tmp_path / "conf.py").write_text(SETTINGS)
    assert sphinx(["-Q", "-b", "html", str(tmp_path), str(tmp_path / "html")]) == 0
    page = (tmp_path / "html" / "index.html").read_text()
    assert JOINED.findall(page) == [
        ("(", "a", "),"), ("", "b", ":"), ("", "c", ""), ("-", "d", "-"), ("", "e", ""), ("", "f", ""),
    ]  # fmt: skip
    assert "</span> and <span" in page and "</span> alone." in page
