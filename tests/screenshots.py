"""The pictures in docs/, taken by the browser tests where these are at that moment anyway: `make screenshots`."""

import io
import os
from pathlib import Path

from PIL import Image, ImageOps
from playwright.sync_api import Locator, Page

FOLDER = "SCREENSHOTS"  # the environment variable that names where pictures are written
COLOURS = 60  # an empty page has a few
WIDEST, HIGHEST = 1200, 800
FRAME = "#9a9a9a"  # where white paper ends on a white page


def take(what: Page | Locator, name: str) -> None:
    """Take a picture, see that it shows something, and write it where SCREENSHOTS says."""
    picture = Image.open(io.BytesIO(what.screenshot(animations="disabled", caret="hide", scale="css"))).convert("RGB")
    assert picture.width <= WIDEST and picture.height <= HIGHEST, f"{name} is {picture.width} x {picture.height} large"
    colours = len(picture.getcolors(picture.width * picture.height))
    assert colours > COLOURS, f"{name} shows nothing: it has {colours} colours"
    if os.environ.get(FOLDER):
        framed = ImageOps.expand(picture, border=1, fill=FRAME)
        small = framed.quantize(256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        small.save(Path(os.environ[FOLDER], f"{name}.png"), optimize=True)
