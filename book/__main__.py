"""Build the book: `make book`."""

import argparse
import secrets
import sys

from sphinx.cmd.build import main as sphinx

from book import BUILD, HERE, PAGES, SITE
from book.assemble import assemble


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m book", description="Build the labs as a site.")
    parser.add_argument("--seed", help="of the worked questions; a new one at each build unless it is given")
    options = parser.parse_args()
    seed = options.seed or secrets.token_hex(4)
    assemble(PAGES, seed)
    settings = ["-c", str(HERE), "-d", str(BUILD / "doctrees"), "-W", "--keep-going", "-q"]
    code = sphinx(["-b", "html", *settings, str(PAGES), str(SITE)])
    if code == 0:
        print(f"The book: {SITE / 'index.html'} (worked questions of seed {seed})")
    return code


if __name__ == "__main__":
    sys.exit(main())
