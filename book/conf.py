"""Sphinx's settings for the book. Nothing in it asks another host."""

import hashlib
import os

from book import BUILD, HERE
from gradekit.course import ROOT

project = "Deep nets from scratch"
author = "the course's authors"
copyright = "text CC BY 4.0, code MIT"
language = "en"
exclude_patterns = ["downloads"]
extensions = ["myst_nb", "sphinx_design", "sphinx_copybutton", "book.joined", "book.pictures"]

os.environ["LABKIT_FACE"] = "recorded"  # explorers without a kernel behind them
os.environ["IPYTHONDIR"] = str(BUILD / "ipython")  # nobody's own profile


def version_of(*packages: str) -> str:
    """Changes where one of these changes, and what a lab computes with it: code or data."""
    found = (path for package in packages for path in (ROOT / package).rglob("*"))
    files = sorted(path for path in found if path.is_file() and "__pycache__" not in path.parts)
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:16]


nb_execution_mode = "cache"
nb_execution_cache_path = str(BUILD / "cache" / version_of("dnnlib", "labkit"))
nb_execution_raise_on_error = True
nb_execution_timeout = 120
nb_execution_in_temp = True
nb_merge_streams = True

myst_enable_extensions = ["dollarmath", "amsmath", "colon_fence", "deflist", "attrs_block", "attrs_inline"]
myst_heading_anchors = 3
myst_dmath_double_inline = True

mathjax_path = "mathjax/tex-chtml.js"
mathjax4_config = {
    "loader": {"load": ["a11y/assistive-mml"]},
    "output": {"fontPath": "[mathjax]/../%%FONT%%-font"},
    "options": {
        "enableSpeech": False,
        "enableBraille": False,
        "enableExplorer": False,
        "menuOptions": {"settings": {"assistiveMml": True, "enrich": False}},
    },
}

html_theme = "sphinx_book_theme"
html_title = project
html_static_path = [str(HERE / "static"), str(BUILD / "static")]
html_css_files = ["book.css"]
html_js_files = ["book.js"]
html_copy_source = False
html_show_search_summary = False  # excerpts are fetched, which fails from the file system
html_show_sourcelink = False
html_last_updated_fmt = None
html_context = {"default_mode": "auto"}
html_sidebars = {"**": ["navbar-logo.html", "search-button-field.html", "sbt-sidebar-nav.html"]}
html_theme_options = {
    "use_download_button": False,
    "use_fullscreen_button": False,
    "navbar_persistent": [],
    "show_navbar_depth": 1,
    "show_toc_level": 2,
    "home_page_in_toc": False,
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
copybutton_selector = "div:not(.output) > div.highlight > pre"
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True
