"""Grades for Canvas and Moodle: from a real gradebook of nbgrader's to what the LMS would read."""

import csv
import logging
import shutil
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from nbgrader.plugins import CsvExportPlugin
from sqlalchemy import event

from gradekit.exporters import CanvasCSV, MoodleCSV, MoodleWorksheet

LABS = ("01_shapes", "02_losses", "03_backprop")  # nobody has handed in the last one
FORMULA = "=HYPERLINK(\"http://127.0.0.1/\", 'x')"


def add_lab(gradebook, lab):
    """Three points by machine, two by hand."""
    gradebook.add_assignment(lab, duedate=datetime(2026, 11, 2))
    gradebook.add_notebook(lab, lab)
    gradebook.add_grade_cell("check_relu", lab, lab, max_score=3, cell_type="code")
    gradebook.add_grade_cell("why", lab, lab, max_score=2, cell_type="markdown")
    gradebook.add_solution_cell("why", lab, lab)


def hand_in(gradebook, lab, student, machine, by_hand=None, penalty=None):
    """None is a score that has still to be given."""
    gradebook.add_submission(lab, student)
    gradebook.find_submission_notebook(lab, lab, student).late_submission_penalty = penalty
    relu, why = (gradebook.find_grade(cell, lab, lab, student) for cell in ("check_relu", "why"))
    relu.auto_score, relu.needs_manual_grade = machine, machine is None
    why.manual_score, why.needs_manual_grade = by_hand, by_hand is None
    gradebook.db.commit()


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """nbgrader takes seconds to make a database: one for all tests, which copy it."""
    database = tmp_path_factory.mktemp("course") / "gradebook.db"
    with Gradebook(f"sqlite:///{database}", "deep-nets") as gradebook:
        for lab in LABS:
            add_lab(gradebook, lab)
        gradebook.add_student("ada", first_name="Ada", last_name="Lovelace", email="ada@x.example", lms_user_id="101")
        gradebook.add_student("bob", first_name="Bob", last_name="Ångström", email="bob@x.example")
        gradebook.add_student("cyd")
        hand_in(gradebook, "01_shapes", "ada", 3, 1.25)
        hand_in(gradebook, "02_losses", "ada", 2, 2, penalty=1)
        hand_in(gradebook, "01_shapes", "bob", 1.8)
    return database


@pytest.fixture
def gradebook(made, tmp_path):
    shutil.copy(made, tmp_path)
    with Gradebook(f"sqlite:///{tmp_path}/gradebook.db", "deep-nets") as gradebook:
        yield gradebook


@pytest.fixture
def export(gradebook, tmp_path, caplog):
    """Export with these settings; the rows of the file."""

    def export(exporter, **settings) -> list[list[str]]:
        to = tmp_path / "out.csv"
        exporter(to=str(to), log=logging.getLogger("export"), **settings).export(gradebook)
        with to.open(newline="", encoding="utf-8") as file:
            return list(csv.reader(file))

    return export


def test_canvas_reads_labs_maxima_and_scores(export):
    assert export(CanvasCSV) == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "01_shapes", "02_losses"],
        ["    Points Possible", "", "", "", "", "5", "5"],
        ["(cyd)", "", "", "cyd", "", "", ""],
        ["Lovelace, Ada (ada)", "", "", "ada", "", "4.25", "3"],
        ["Ångström, Bob (bob)", "", "", "bob", "", "", ""],
    ]


def test_moodle_reads_no_grade_as_a_hyphen(export):
    assert export(MoodleCSV) == [
        ["Username", "First name", "Last name", "01_shapes", "02_losses"],
        ["cyd", "", "", "-", "-"],
        ["ada", "Ada", "Lovelace", "4.25", "3"],
        ["bob", "Bob", "Ångström", "-", "-"],
    ]


def cells_of(rows, column):
    """A lab's column, by the student's id."""
    place = rows[0].index(column)
    return {row[3]: row[place] for row in rows[1:] if row[3]}


def test_finished_scores_are_those_of_nbgraders_own_exporter(gradebook, export, tmp_path):
    stock = tmp_path / "stock.csv"
    CsvExportPlugin(to=str(stock)).export(gradebook)
    theirs = {(row["assignment"], row["student_id"]): float(row["score"]) for row in csv.DictReader(stock.open())}
    ours = export(CanvasCSV)
    for lab in ("01_shapes", "02_losses"):
        assert float(cells_of(ours, lab)["ada"]) == theirs[lab, "ada"]


def test_an_answer_that_waits_leaves_the_cell_empty_and_says_so(export, caplog):
    assert cells_of(export(CanvasCSV), "01_shapes")["bob"] == ""
    assert "01_shapes: 1 submissions are not graded to the end; 1 of them were left empty." in caplog.text


def test_an_unfinished_score_can_be_exported(export):
    assert cells_of(export(CanvasCSV, unfinished="score"), "01_shapes")["bob"] == "1.8"


def test_a_submission_that_was_never_graded_is_no_zero(gradebook, export):
    hand_in(gradebook, "01_shapes", "cyd", None)
    assert cells_of(export(CanvasCSV, unfinished="score", no_submission="zero"), "01_shapes")["cyd"] == ""


def test_a_grade_by_hand_counts_though_a_regrade_asks_to_look_again(gradebook, export):
    grade = gradebook.find_grade("why", "01_shapes", "01_shapes", "ada")
    grade.needs_manual_grade = True
    gradebook.db.commit()
    assert cells_of(export(CanvasCSV), "01_shapes")["ada"] == "4.25"


def test_a_penalty_takes_no_more_than_there_is(gradebook, export):
    hand_in(gradebook, "02_losses", "bob", 1, 0, penalty=4)
    assert cells_of(export(CanvasCSV), "02_losses")["bob"] == "0"


def test_zero_for_nothing_handed_in(export):
    rows = export(CanvasCSV, no_submission="zero")
    assert cells_of(rows, "02_losses") == {"ada": "3", "bob": "0", "cyd": "0"}
    assert "03_backprop" not in rows[0], "nobody has handed it in: zeros for all would be wrong"


def test_only_some_labs_and_students(export):
    rows = export(CanvasCSV, assignment=["03_backprop"], student=["bob"], points_possible=False)
    assert rows == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "03_backprop"],
        ["Ångström, Bob (bob)", "", "", "bob", "", ""],
    ]


@pytest.mark.parametrize(
    "settings, says",
    [
        ({"assignment": ["02_loses"]}, "knows no lab '02_loses'. It knows: 01_shapes, 02_losses, 03_backprop."),
        ({"student": ["eve"]}, "knows no student 'eve'"),
        ({"columns": {"01_shapes": "Lab", "02_losses": "Lab"}}, "Two labs would have the column 'Lab'"),
    ],
)
def test_what_can_not_be_exported_is_one_line_and_writes_nothing(export, tmp_path, settings, says):
    with pytest.raises(SystemExit, match=says):
        export(CanvasCSV, **settings)
    assert not (tmp_path / "out.csv").exists()


def test_columns_have_the_heads_that_the_lms_knows(export, caplog):
    rows = export(CanvasCSV, columns={"01_shapes": "Lab 1: shapes (12345)", "09_midterm": "Exam (9)"})
    assert rows[0][5:] == ["Lab 1: shapes (12345)", "02_losses"]
    assert "CanvasCSV.columns: not in the gradebook yet: 09_midterm." in caplog.text


@pytest.mark.parametrize(
    "column, source, place, ada",
    [("SIS User ID", "email", 2, "ada@x.example"), ("ID", "lms_user_id", 1, "101"), ("SIS Login ID", "id", 3, "ada")],
)
def test_canvas_knows_students_by_one_identifier(export, column, source, place, ada):
    row = next(row for row in export(CanvasCSV, identifier_column=column, identifier_from=source) if "(ada)" in row[0])
    assert row[1:5] == [ada if number == place else "" for number in (1, 2, 3, 4)]


def test_who_has_no_identifier_is_left_out_and_named(export, caplog):
    rows = export(MoodleCSV, identifier_column="Email address", identifier_from="email")
    assert [row[0] for row in rows] == ["Email address", "ada@x.example", "bob@x.example"]
    assert "Left out, no email in the gradebook: 'cyd'." in caplog.text


def test_moodles_zero_is_no_identifier(gradebook, export, caplog):
    """For Moodle the row would then be one more of the student above."""
    gradebook.add_student("0")
    assert all(row[0] != "0" for row in export(MoodleCSV))
    assert "Left out, the LMS has no such id: '0'." in caplog.text


def test_an_identifier_that_two_share_reaches_neither(gradebook, export, caplog):
    gradebook.add_student("dan", email="ADA@x.example")
    rows = export(MoodleCSV, identifier_column="Email address", identifier_from="email")
    assert [row[0] for row in rows[1:]] == ["bob@x.example"]
    assert "the email is not theirs alone: 'ada', 'dan'" in caplog.text or "'dan', 'ada'" in caplog.text


def test_canvas_numbers_must_be_numbers(gradebook, export, caplog):
    """Canvas reads "12abc" as student 12."""
    gradebook.update_or_create_student("bob", lms_user_id="12abc")
    rows = export(CanvasCSV, identifier_column="ID", identifier_from="lms_user_id")
    assert [row[1] for row in rows[2:]] == ["101"]


@pytest.mark.parametrize("exporter", [CanvasCSV, MoodleCSV])
def test_names_are_no_formulas(gradebook, export, exporter):
    for number, start in enumerate(["=", "+", "-", "@", "\t=", "\r\n=", "＝"]):  # noqa: RUF001
        gradebook.add_student(f"s{number}", first_name=f"{start}1+1", last_name=f"{start}cmd|' /C calc'!A0")
    for row in export(exporter)[1:]:
        assert not any(cell.startswith(("=", "+", "@", "\t", "\r", "\n", "＝")) for cell in row), row  # noqa: RUF001
        assert all(cell == "-" or not cell.startswith("-") for cell in row), row


def test_an_id_that_is_a_formula_is_left_out_since_changed_it_would_match_nobody(gradebook, export, caplog):
    gradebook.add_student(FORMULA)
    assert all(FORMULA not in cell for row in export(CanvasCSV) for cell in row)
    assert "would run the id as a formula" in caplog.text and "HYPERLINK" in caplog.text


@pytest.mark.parametrize("student", ["+49-171", "@ada", "-7", "00012", 'semi;"colon"', "a,b"])
def test_an_id_that_calls_nothing_stays_as_it_is(gradebook, export, student):
    gradebook.add_student(student)
    assert student in [row[0] for row in export(MoodleCSV)]


def test_a_file_stays_whole_where_semicolons_separate(gradebook, export, tmp_path):
    gradebook.add_student("dan", last_name="y;=1+1")
    export(CanvasCSV)
    rows = list(csv.reader((tmp_path / "out.csv").open(newline=""), delimiter=","))
    assert all(len(row) == len(rows[0]) for row in rows)
    assert not any(cell.startswith("=") for line in (tmp_path / "out.csv").open(newline="")
                   for cell in next(csv.reader([line], delimiter=";")))  # fmt: skip


def test_no_student_can_pass_for_the_row_of_maxima(gradebook, export):
    gradebook.add_student("dan", last_name="Points Possible")
    assert [row[0] for row in export(CanvasCSV) if "Points Possible" in row[0]] == ["    Points Possible"]


def test_the_number_of_queries_does_not_grow_with_the_class(gradebook, export):
    def queries() -> int:
        seen = []
        listener = lambda *about: seen.append(about[2])  # noqa: E731
        event.listen(gradebook.engine, "before_cursor_execute", listener)
        export(MoodleCSV)
        event.remove(gradebook.engine, "before_cursor_execute", listener)
        return len(seen)

    few = queries()
    for number in range(12):
        gradebook.add_student(f"s{number}")
        for lab in LABS:
            hand_in(gradebook, lab, f"s{number}", 1, 1)
    assert queries() == few <= 5


WORKSHEET = """\ufeffIdentifier,"Full name","Email address",Status,Grade,"Maximum Grade","Last modified (grade)"
"Participant 7","Ada Lovelace",Ada@X.example,Submitted,,5.00,-
"Participant 8","Bob Ångström",bob@x.example,Submitted,4.00,"5,00","Monday, 2 November 2026, 10:00 AM"
"Participant 9","Somebody Else",else@x.example,"No submission",,5.00,-
"""


@pytest.fixture
def worksheet(tmp_path):
    path = tmp_path / "Grades-Lab 1.csv"
    path.write_text(WORKSHEET, encoding="utf-8")
    return path


def test_a_worksheet_gets_its_grades_and_keeps_the_rest(export, worksheet, caplog):
    before = list(csv.reader(WORKSHEET.lstrip("\ufeff").splitlines()))
    after = export(MoodleWorksheet, worksheet=str(worksheet), assignment=["01_shapes"])
    assert [row[4] for row in after] == ["Grade", "4.25", "4.00", ""], "bob's waits: Moodle's own stays"
    assert [row[:4] + row[5:] for row in after] == [row[:4] + row[5:] for row in before]
    assert "In the worksheet, but not in the gradebook: 'else@x.example'." in caplog.text


def test_a_score_without_a_row_is_named(gradebook, export, worksheet, caplog):
    gradebook.add_student("dan", email="dan@x.example")
    hand_in(gradebook, "01_shapes", "dan", 3, 2)
    export(MoodleWorksheet, worksheet=str(worksheet), assignment=["01_shapes"])
    assert "Scored, but not in the worksheet: 'dan@x.example'." in caplog.text


@pytest.mark.parametrize(
    "change, says",
    [
        (lambda text: text.replace("5.00", "100.00"), "Maximum Grade '100.00', 01_shapes has 5 points"),
        (lambda text: text.replace("Email address", "Courriel"), "has no column 'Email address'. It has: Identifier"),
        (lambda text: text + "half a row,", "its rows differ in length"),
        (lambda text: "", "no grading worksheet"),
    ],
)
def test_another_worksheet_is_refused(export, worksheet, change, says):
    worksheet.write_text(change(WORKSHEET), encoding="utf-8")
    with pytest.raises(SystemExit, match=says):
        export(MoodleWorksheet, worksheet=str(worksheet), assignment=["01_shapes"])


def test_a_worksheet_is_of_one_lab_and_has_to_be_there(export, worksheet, tmp_path):
    with pytest.raises(SystemExit, match="A worksheet is of one lab"):
        export(MoodleWorksheet, worksheet=str(worksheet))
    with pytest.raises(SystemExit, match="can't be read"):
        export(MoodleWorksheet, worksheet=str(tmp_path / "none.csv"), assignment=["01_shapes"])


def test_nbgraders_own_command_takes_the_exporter_and_its_settings(gradebook, tmp_path):
    config = 'c = get_config()\nc.CanvasCSV.columns = {"01_shapes": "Lab 1 (7)"}\n'
    (tmp_path / "nbgrader_config.py").write_text(config)
    nbgrader = Path(sys.executable).with_name("nbgrader")
    command = [nbgrader, "export", "--exporter=gradekit.exporters.CanvasCSV", "--CanvasCSV.no_submission=zero"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    rows = list(csv.reader((tmp_path / "canvas.csv").open(newline="", encoding="utf-8")))
    assert rows[0][5:] == ["Lab 1 (7)", "02_losses"]
    assert rows[2] == ["(cyd)", "", "", "cyd", "", "0", "0"]
