"""What the book makes of the library: the reference, and the worked questions."""

import io
import re
import tomllib
import zipfile

import pytest

from book import course, drills, put, reference
from gradekit.bank import mistakes_of
from gradekit.course import LABS
from labkit.drills.families import families

FORMULAS = tomllib.loads(reference.FORMULAS.read_text())
MODULES = [module for lab in LABS for module in reference.modules_of(lab)]


def test_each_function_has_a_formula_and_each_formula_a_function():
    functions = {module.__name__.partition(".")[2]: set(reference.functions_of(module)) for module in MODULES}
    assert {module: set(formulas) for module, formulas in FORMULAS.items()} == functions


@pytest.mark.parametrize("lab", [lab for lab in LABS if lab.modules], ids=lambda lab: lab.name)
def test_a_function_stands_with_its_arguments_its_contract_and_its_mistakes(lab):
    page = reference.page(lab)
    for module in reference.modules_of(lab):
        for name, function in reference.functions_of(module).items():
            entry = page.partition(f"(fn-{name})=")[2].partition("\n(fn-")[0]
            assert f"`{name}{reference.arguments(function)}`" in entry
            assert function.__doc__.splitlines()[0] in entry
            assert all(mistake.hint in entry for mistake in mistakes_of(name))


def test_arguments_have_their_defaults_and_no_types():
    def step(theta: float, eta: float = 0.1) -> float: ...

    assert reference.arguments(step) == "(theta, eta=0.1)"


def test_a_new_edition_asks_other_questions_and_the_same_seed_the_same():
    first, again, other = drills.pages("1"), drills.pages("1"), drills.pages("2")
    assert first == again
    topics = [name for name in first if not name.endswith("index.md")]
    assert all(first[name] != other[name] for name in topics)
    asked = re.findall(r"^### Question \d+$", "\n".join(first.values()), re.MULTILINE)
    assert len(asked) == sum(len(family.variants) for family in families().values())


def test_worked_questions_say_where_to_read_about_them():
    made = drills.pages("1")
    assert "<../labs/05_optimizers>" in made["drills/optimizers.md"]
    assert "<../reference/05_optimizers>" in made["drills/optimizers.md"]
    assert "../labs" not in made["drills/claims.md"]  # they go through all labs


def test_what_has_not_changed_is_not_written_again(tmp_path):
    put(tmp_path / "new" / "page.md", "a")
    before = (tmp_path / "new" / "page.md").stat().st_mtime_ns
    put(tmp_path / "new" / "page.md", "a")
    assert (tmp_path / "new" / "page.md").stat().st_mtime_ns == before
    put(tmp_path / "new" / "page.md", "b")
    assert (tmp_path / "new" / "page.md").read_text() == "b"


def test_the_course_folder_can_be_set_up_and_holds_nobodys_work():
    names = zipfile.ZipFile(io.BytesIO(course.zipped())).namelist()
    inside = {name.removeprefix(f"{course.NAME}/") for name in names}
    assert {
        "Makefile",
        "pyproject.toml",
        "requirements.txt",
        "nbgrader_config.py",
        "source/02_losses/02_losses.ipynb",
    } <= inside
    for folder in course.FILLED_LATER:
        assert [name for name in inside if name.startswith(f"{folder}/")] == [f"{folder}/.gitkeep"]
    assert not [name for name in inside if "gradebook" in name and name.endswith(".db")]
