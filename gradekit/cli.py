"""The command `gradekit`."""

import argparse
import difflib
import sys
from collections.abc import Sequence
from pathlib import Path

import gradekit.quick  # noqa: F401
from gradekit.course import LABS, UnknownLab
from gradekit.grading.pool import start_server
from gradekit.seeds import NoSecret

DONE, REFUSED, UNFINISHED = 0, 1, 3  # 2 is argparse's
EXIT_CODES = "exit codes: 0 done; 1 refused, nothing was written; 2 wrong usage; 3 some submissions could not be graded"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. What can't be done is one line on stderr and an exit code other than 0."""
    options, rest = parser().parse_known_args(arguments)
    if rest and options.command != "lab":
        parser().error(f"unknown arguments: {' '.join(rest)}")
    options.rest = rest
    if options.command == "grade" and not options.scheduler:
        start_server()  # it imports what workers need while we import what we need
    from gradekit.folder import Trouble, trouble  # imports nbgrader: two seconds that --help need not wait for

    try:
        return options.run(options)
    except UnknownLab as error:
        return _refuse(_nearest(getattr(options, "lab", []), error))
    except (Trouble, NoSecret) as error:
        return _refuse(str(error))
    except OSError as error:
        return _refuse(str(trouble(f"{error.filename}: {error.strerror}" if error.filename else str(error))))
    except KeyboardInterrupt as stop:
        return _refuse(" ".join(["stopped.", *map(str, stop.args)])) + 129


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser("gradekit", description="Release labs, grade them, look after the course.",
                                  epilog=EXIT_CODES)  # fmt: skip
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(run, about: str) -> argparse.ArgumentParser:
        one = commands.add_parser(run.__name__, help=about, description=about, epilog=EXIT_CODES)
        one.set_defaults(run=run)
        return one

    def in_course(one: argparse.ArgumentParser) -> None:
        one.add_argument(
            "--course", type=Path, default=Path(), metavar="FOLDER", help="the course folder (default: here)"
        )

    one = command(release, "make the student copies in release/ from source/")
    one.add_argument("lab", nargs="*", metavar="LAB", help="default: every lab that has a source")
    one.add_argument("--force", action="store_true", help="replace copies that somebody has worked in")
    in_course(one)

    one = command(grade, "grade the submissions of a lab in the sandbox")
    one.add_argument("lab", metavar="LAB")
    one.add_argument("--student", action="append", default=[], metavar="NAME", help="only this one (repeat for more)")
    one.add_argument("--lost", metavar="CELL", help="only those who lost points at this cell, such as check_softmax")
    one.add_argument("--force", action="store_true", help="grade again what was graded before and has not changed")
    one.add_argument("--workers", type=int, metavar="N", help="processes at a time (default: one for each processor)")
    one.add_argument("--scheduler", metavar="ADDRESS", help="use a running Dask cluster, such as tcp://host:8786")
    one.add_argument("--no-sandbox", action="store_true", help="run student code with all your rights")
    in_course(one)

    one = command(report, "write one page about a class: scores, questions, mistakes, who needs a look")
    one.add_argument("lab", metavar="LAB")
    one.add_argument("--anonymous", action="store_true", help="without names and ids, to show to the class")
    one.add_argument("--to", type=Path, metavar="FILE", help="default: reports/LAB.html in the course folder")
    in_course(one)

    one = command(demo, "grade a sample class in demo/ and show what came out")
    one.add_argument("--lab", action="append", default=[], metavar="LAB", help="one of several (default: all but 00)")
    one.add_argument("--size", type=int, default=6, metavar="N", help="students, 1 to 12 (default: 6)")

    one = command(exam, "make exam papers with their keys, to print")
    one.add_argument("--seed", type=int, required=True, metavar="N", help="the same seed makes the same papers again")
    one.add_argument("--versions", type=int, default=2, metavar="N", help="equivalent versions, 1 to 26 (default: 2)")
    one.add_argument("--mix", type=Path, metavar="FILE", help="title, minutes, points and questions by topic (TOML)")
    one.add_argument("--to", type=Path, default=Path("exam"), metavar="FOLDER", help="default: exam/")

    one = command(lab, "open JupyterLab on the student copies; other arguments go to JupyterLab")
    one.add_argument("--no-browser", action="store_true", help="print the address only")
    one.add_argument("--port", type=int, metavar="N", help="default: the first that is free from 8888 on")
    one.add_argument("--judge", action="store_true", help="for self-study: check(...) judges at once")
    in_course(one)

    in_course(command(doctor, "look for what is missing or broken"))

    one = command(strip, "remove outputs, counts and widget state from notebooks")
    one.add_argument("notebook", nargs="+", type=Path, metavar="NOTEBOOK")
    one.add_argument("--check", action="store_true", help="change nothing, fail when there is something to remove")
    return top


def release(options) -> int:
    from gradekit.folder import CourseFolder
    from gradekit.release import release

    for line in release(CourseFolder(options.course), options.lab, options.force):
        print(line)
    return DONE


def grade(options) -> int:
    from gradekit.folder import CourseFolder
    from gradekit.grade import grade, report, where

    course = CourseFolder(options.course)
    results = grade(course, options.lab, options.student, sandbox=not options.no_sandbox, force=options.force,
                    lost=options.lost, workers=options.workers,
                    scheduler=options.scheduler)  # fmt: skip
    print(f"\n{report(options.lab, results)}\n\nThe graded notebooks: {where(course, options.lab)}")
    return UNFINISHED if any(each.state == "ungraded" for each in results) else DONE


def report(options) -> int:
    from gradekit.folder import CourseFolder
    from gradekit.report import report

    print(report(CourseFolder(options.course), options.lab, anonymous=options.anonymous, to=options.to))
    return DONE


def demo(options) -> int:
    from gradekit.demo import demo

    return UNFINISHED if demo(Path("demo"), options.lab, options.size) else DONE


def exam(options) -> int:
    from gradekit.exam import MOST_VERSIONS, chromium, mix, write
    from gradekit.folder import Trouble

    if not 1 <= options.versions <= MOST_VERSIONS:
        raise Trouble(f"--versions {options.versions}: expected 1 to {MOST_VERSIONS}.")
    for path in write(mix.read(options.mix or mix.DEFAULT), options.seed, options.versions, options.to):
        print(path)
    if not chromium():
        print("No Chromium was found, so there are no PDFs: open the HTML in a browser and print it.")
    return DONE


def lab(options) -> int:
    from gradekit.lab import start

    return start(options.course, options.port, not options.no_browser, options.judge, options.rest)


def doctor(options) -> int:
    from gradekit.doctor import examine

    findings = examine(options.course)
    for each in findings:
        print(each)
    return DONE if all(each.fine for each in findings) else REFUSED


def strip(options) -> int:
    from gradekit.folder import Trouble
    from gradekit.strip import strip_file

    touched = []
    for path in options.notebook:
        try:
            if strip_file(path, write=not options.check):
                touched.append(path)
        except Exception as error:  # nbformat raises many kinds
            raise Trouble(f"{path} can't be read as a notebook: {str(error).splitlines()[0]}") from error
    for path in touched:
        print(f"{path}: {'holds outputs or widget state. Run: gradekit strip' if options.check else 'stripped'}")
    return REFUSED if touched and options.check else DONE


def _refuse(why: str) -> int:
    print(f"gradekit: {why}", file=sys.stderr)
    return REFUSED


def _nearest(asked: str | list[str] | None, error: UnknownLab) -> str:
    known = [each.name for each in LABS]
    wrong = [name for name in ([asked] if isinstance(asked, str) else asked or []) if name not in known]
    near = difflib.get_close_matches(wrong[0], known, 1, 0.4) if wrong else []
    return f"{error} Did you mean {near[0]}?" if near else str(error)
