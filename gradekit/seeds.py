"""The secret behind the checks' inputs: a student can't know it, a regrade repeats it.

notebook seed = HMAC(course secret, lab, student); each function's own seed follows from it, see
labkit.bench.function_seed.
The secret stands outside the course's tree, in the instructor's configuration folder.
"""

import hashlib
import hmac
import os
import secrets
from pathlib import Path

SECRET_FILE = "GRADEKIT_SECRET_FILE"


class NoSecret(RuntimeError):
    """The course secret can't be read or made."""


def secret_path() -> Path:
    """Where the secret stands: $GRADEKIT_SECRET_FILE, else gradekit/secret in the configuration folder."""
    if os.environ.get(SECRET_FILE):
        return Path(os.environ[SECRET_FILE])
    config = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(config) / "gradekit" / "secret"


def course_secret() -> bytes:
    """The course secret, made at first use and readable by its owner alone."""
    path = secret_path()
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            _write_once(path, secrets.token_hex(32))
        secret = bytes.fromhex(path.read_text().strip())
    except (OSError, ValueError) as error:
        raise NoSecret(f"The course secret {path} can't be used ({error}). Restore it, or delete it to start anew: "
                       "new random inputs are then drawn for every check.") from error  # fmt: skip
    if len(secret) < 16:
        raise NoSecret(f"The course secret {path} is too short. Restore it, or delete it to start anew.")
    return secret


def _write_once(path: Path, text: str) -> None:
    """Two graders that start together must agree on one secret: the first that links its file wins."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.write_text(text)
    draft.chmod(0o600)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def notebook_seed(assignment: str, student: str) -> str:
    """The seed of one student's notebook, as a hex string."""
    message = f"{assignment}\0{student}".encode()
    return hmac.new(course_secret(), message, hashlib.sha256).hexdigest()


def seed_for(resources: dict) -> str:
    """The seed of the notebook that nbgrader's resources are about; a worker without the secret was given it."""
    given = resources.get("gradekit", {}).get("seed")
    who = resources.get("nbgrader", {})
    return given or notebook_seed(who.get("assignment", ""), who.get("student", ""))
