"""HTML to PDF by a headless Chromium, where there is one."""

import shutil
import subprocess
import tempfile
from pathlib import Path

from gradekit.folder import Trouble

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge")
OFFLINE = ("--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run")
SECONDS = 120


def chromium() -> str | None:
    """The program, or None."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def print_pdf(program: str, page: Path) -> Path:
    """Print a page of our own beside itself. Raises Trouble with what Chromium said."""
    pdf = page.with_suffix(".pdf")
    with tempfile.TemporaryDirectory() as profile:
        command = [
            program, "--headless", "--no-sandbox", "--disable-gpu", *OFFLINE, f"--user-data-dir={profile}",
            "--no-pdf-header-footer", f"--print-to-pdf={pdf.resolve()}", page.resolve().as_uri(),
        ]  # fmt: skip
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)
        except subprocess.TimeoutExpired as error:
            raise Trouble(f"{page} stands, but {program} did not print it within {SECONDS} s.") from error
    if done.returncode or not pdf.is_file():
        raise Trouble(f"{page} stands, but {program} can't print it: {done.stderr.strip()[-300:]}")
    return pdf
