"""Feedback pages and Formgrader: what a student and a grader get to see, and what can't reach them."""

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from course import LAB, cell, configured, copy_of, find, make_course, solve, source_notebook, write
from jupyter_browser import browser_page
from nbconvert.exporters import HTMLExporter
from nbformat.v4 import new_notebook, new_output
from nbgrader.apps import NbGraderAPI
from nbgrader.server_extensions.formgrader import handlers

from gradekit.feedback import results_of, template
from gradekit.verdicts import VERDICT_MIME

HOSTILE = [
    "<script>document.title = 'taken'</script>",
    "<img src=x onerror=\"document.title = 'taken'\">",
    "<svg onload=\"document.title = 'taken'\"></svg>",
    "<iframe srcdoc=\"<script>parent.document.title = 'taken'</script>\"></iframe>",
    "[click](javascript:document.title='taken')",
    "![x](https://evil.example/pixel.png)",
    "![lost](attachment:none.png)",
    "</pre></section><style>body { display: none }</style>",
    "{{ 7 * 7 }} {% raw %}",
]
HOSTILE_CODE = f"""
from IPython.display import HTML, SVG, Javascript, Markdown, display
for text in {HOSTILE!r}:
    display(HTML(text), Markdown(text), Javascript("document.title = 'taken'"))
    display({{"image/svg+xml": text, "text/plain": text}}, raw=True)
    display({{"image/png": '"><script>document.title = "taken"</script>', "text/plain": "picture"}}, raw=True)
    print(text)
"""


def hostile(notebook):
    text = "\n".join(HOSTILE)
    find(notebook, "relu")["source"] = f'def relu(Z):\n    raise ValueError({text!r})\n"""{text}"""'
    find(notebook, "why_bias")["source"] = text
    notebook.cells.append(cell(HOSTILE_CODE))
    notebook.cells.append(cell(text, kind="markdown"))
    notebook.cells.append(cell("x", f"check_{HOSTILE[0]}", grade=True, points=3))


def partly(notebook):
    solve(notebook)
    write(notebook, "sigmoid", "")
    find(notebook, "sigmoid")["source"] = "def sigmoid(Z):\n    return 1 / (1 + np.exp(-Z))"
    find(notebook, "relu")["source"] = "def relu(Z):\n    return np.abs(Z) + 1 / (Z.size - 1)"


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    course = make_course(tmp_path_factory.mktemp("course"))
    course.submit("ann", solve)
    course.submit("bea", partly)
    course.submit("eve", hostile)
    course.submit("new")
    course.path("eve").with_name("page.html").write_text(HOSTILE[0])
    course.autograde()
    with course.gradebook() as gradebook:
        comment = gradebook.find_comment("why_bias", LAB, LAB, "bea")
        comment.manual_comment = "Good start.\nWhich line <b>exactly</b>?"
        gradebook.find_grade("why_bias", LAB, LAB, "bea").manual_score = 1.5
        gradebook.find_grade("why_bias", LAB, LAB, "bea").needs_manual_grade = False
        gradebook.db.commit()
    course.feedback()
    return course


class Tags(HTMLParser):
    """The tags and attributes that a browser would see."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.attributes = set(), []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.attributes += attributes


def test_the_page_shows_points_messages_and_comments(course):
    page = course.page("bea")
    assert "5.7 of 10 points" in page
    assert "For z = -1000 an exponential overflows." in page
    assert "Good start.\nWhich line &lt;b&gt;exactly&lt;/b&gt;?" in page
    assert "1.5 of 2 points, in part" in page


def test_an_answer_that_waits_for_its_grader_is_not_a_zero(course):
    assert "– of 2 points, not graded yet" in course.page("ann")
    assert "1 answer is not graded yet" in course.page("ann")
    assert "not graded yet" not in course.page("bea")


def test_an_unanswered_question_says_so(course):
    assert "No response." in course.page("new")


def test_the_table_comes_first_and_leads_to_each_exercise(course):
    page = course.page("ann")
    assert page.index("<table>") < page.index("<section")
    links = re.findall(r'<a href="#([^"]+)"', page)
    assert links == ["relu", "sigmoid", "quick_small_net", "why_bias", "plain_test"]
    assert all(f'<section id="{link}"' in page for link in links)


@pytest.mark.parametrize("student", ["ann", "bea", "eve", "new"])
def test_pages_are_plain_text_in_our_markup(course, student):
    seen = Tags(course.page(student))
    assert not seen.tags & {"script", "img", "svg", "iframe", "object", "embed", "link", "form", "base", "b"}
    assert all(not name.startswith("on") for name, _ in seen.attributes)
    assert all(value.startswith("#") for name, value in seen.attributes if name in ("href", "src"))


def test_nothing_hidden_is_in_release_or_feedback(course):
    places = [*course.root.glob("release/**/*"), *course.root.glob("feedback/**/*")]
    assert any(path.suffix == ".html" for path in places)
    assert not [path for path in places if path.is_file() and b"canary" in path.read_bytes()]


@pytest.mark.parametrize("student", ["ann", "bea", "eve", "new"])
def test_neither_test_source_nor_tracebacks_are_in_feedback(course, student):
    assert not re.search(r"check\(|preview\(|Traceback|labkit|dnnlib|site-packages|assert ", course.page(student))


def test_a_feedback_folder_holds_the_page_alone(course):
    assert [path.name for path in (course.root / "feedback" / "eve" / LAB).iterdir()] == [f"{LAB}.html"]


@pytest.mark.browser
def test_a_browser_runs_nothing_of_the_students_and_asks_no_other_host(course):
    page_file = course.root / "feedback" / "eve" / LAB / f"{LAB}.html"
    with browser_page() as page:
        requests = []
        page.on("request", lambda request: requests.append(request.url))
        page.goto(page_file.as_uri())
        for summary in page.query_selector_all("summary"):
            summary.click()
        assert page.title().startswith("Feedback on")
        assert page.locator("table").is_visible()
        assert HOSTILE[0] in page.locator("section#why_bias").inner_text()
        assert requests == [page_file.as_uri()]


# Formgrader


@pytest.fixture(scope="module")
def formgrader(course):
    """The page that Formgrader makes of an autograded notebook, by its own template and our configuration."""
    config = configured(course.root).config
    config.HTMLExporter.template_name = "formgrade"
    config.HTMLExporter.extra_template_basedirs = [handlers.template_path]
    about = {"assignment_id": LAB, "notebook_id": LAB, "submission_id": "1", "index": 0, "total": 1, "base_url": "",
             "student": "x", "last_name": "", "first_name": "", "notebook_path": ""}  # fmt: skip

    def page(student):
        path = course.root / "autograded" / student / LAB / f"{LAB}.ipynb"
        return HTMLExporter(config=config).from_filename(str(path), resources=dict(about))[0]

    return page


def test_formgrader_shows_verdicts_and_lets_written_answers_be_graded(formgrader):
    page = formgrader("bea")
    assert "For z = -1000 an exponential overflows." in page
    assert 'class="score tabbable" id="why_bias"' in page
    assert 'id="why_bias-comment"' in page


def test_formgrader_runs_nothing_of_the_students(formgrader):
    """What stays of a student's markup in the page holds nothing that runs or loads, Formgrader's own apart."""
    own, theirs = Tags(formgrader("ann")), Tags(formgrader("eve"))
    assert not (theirs.tags - own.tags) & {"svg", "iframe", "style", "object"}
    new = [pair for pair in theirs.attributes if pair not in own.attributes]
    assert not [pair for pair in new if pair[0].startswith("on") or "javascript:" in str(pair[1])]
    assert not [pair for pair in new if pair[0] == "src" and not pair[1].startswith("data:")]
    assert "taken" not in "".join(re.findall(r"<script.*?</script>", formgrader("eve"), re.DOTALL))


def test_autograded_outputs_are_text_and_pictures(course):
    outputs = [output for each in course.autograded("eve").cells for output in each.get("outputs", [])]
    kinds = {kind for output in outputs for kind in output.get("data", {})}
    assert kinds == {"text/plain", VERDICT_MIME}


# The commands


def nbgrader(course, *arguments):
    """nbgrader's command as an instructor calls it, the environment not activated."""
    program = Path(sys.executable).with_name("nbgrader")
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(course.root)}
    return subprocess.run(
        [program, *arguments], cwd=course.root, capture_output=True, text=True, env=environment, timeout=120
    )


def test_plain_nbgrader_commands_do_it_all(course, tmp_path):
    course = copy_of(course, tmp_path)
    (course.root / "gradebook.db").unlink()
    for arguments in (
        ["generate_assignment", LAB, "--force"],
        ["autograde", LAB, "--force"],
        ["generate_feedback", LAB, "--force"],
        ["export", "--to", "grades.csv"],
    ):
        done = nbgrader(course, *arguments)
        assert done.returncode == 0, done.stderr
    assert course.scores("ann")["check_relu"] == 2 and course.scores("bea")["check_sigmoid"] == 3.2
    assert "For z = -1000 an exponential overflows." in course.page("bea")
    assert "ann" in (course.root / "grades.csv").read_text()


def test_formgraders_buttons_do_the_same(course, tmp_path):
    course = copy_of(course, tmp_path)
    app = configured(course.root)
    api = NbGraderAPI(config=app.config)
    api.coursedir.root = str(course.root)
    course.path("ann").write_text("{")
    assert api.autograde(LAB, "ann")["success"]
    assert api.generate_feedback(LAB, "ann")["success"]
    assert course.scores("ann")["check_relu"] == 0
    assert "could not be read" in course.page("ann")


def test_widget_state_and_outputs_of_the_source_are_not_released(tmp_path):
    source = source_notebook()
    source.metadata["widgets"] = {"state": "canary-widget"}
    source.cells[3].outputs = [new_output("stream", name="stdout", text="canary-output")]
    course = make_course(tmp_path, source)
    assert "canary" not in (course.root / "release" / LAB / f"{LAB}.ipynb").read_text()


@pytest.mark.parametrize("mistake, shown", [("no_beta", "<math"), (None, "$\\beta$")])
def test_formulas_in_our_hints_are_formulas_and_what_a_student_raised_stays_text(mistake, shown):
    check = cell("check(f)", "check_f", grade=True, points=1)
    check.metadata.nbgrader |= {"score": 0.0, "pending": False}
    verdict = {"name": "f", "fraction": 0.0, "message": "f: Where is $\\beta$?", "mistake": mistake}
    check.outputs = [new_output("execute_result", data={"text/plain": "0.0", VERDICT_MIME: verdict})]
    (result,) = results_of(new_notebook(cells=[check]))
    assert shown in template().render(results=[result], repairs=[], score=0, points=1, late_penalty=0)
