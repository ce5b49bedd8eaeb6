"""What nbgrader_config.py needs: nbgrader's own commands and Formgrader, with the course's safe parts put in."""

import os
import sysconfig

import nbgrader.apps.api
import nbgrader.apps.autogradeapp
import nbgrader.apps.generatefeedbackapp
from traitlets.config import Config

from gradekit.autograde import SafeAutograde
from gradekit.feedback import FeedbackPages
from gradekit.strip import strip

STUB = "# YOUR CODE HERE"  # without nbgrader's raise: an unfinished function returns None

RELEASING = [
    "gradekit.config.without_leftovers",
    "nbgrader.preprocessors.IncludeHeaderFooter",
    "nbgrader.preprocessors.InstantiateTests",
    "nbgrader.preprocessors.LockCells",
    "nbgrader.preprocessors.ClearSolutions",
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.CheckCellMetadata",
    "nbgrader.preprocessors.ComputeChecksums",
    "nbgrader.preprocessors.SaveCells",
    "nbgrader.preprocessors.ClearHiddenTests",
    "nbgrader.preprocessors.ClearMarkScheme",
    "nbgrader.preprocessors.ComputeChecksums",
    "nbgrader.preprocessors.CheckCellMetadata",
]
SANITISING = [
    "gradekit.repair.RepairCells",
    "nbgrader.preprocessors.OverwriteKernelspec",
]
GRADING = [
    "gradekit.execute.SandboxedExecute",
    "nbgrader.preprocessors.IgnorePattern",
    "gradekit.verdicts.Verdicts",
    "gradekit.harmless.HarmlessOutputs",
    "nbgrader.preprocessors.LimitOutput",
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
]


def configure(c: Config) -> None:
    """Set all that safe grading needs. What an instructor changes stands in nbgrader_config.py itself."""
    own_programs_first()
    use_our_converters()
    c.ClearSolutions.code_stub = {"python": STUB}
    c.GenerateAssignment.preprocessors = RELEASING
    c.GenerateAssignment.post_convert_hook = "gradekit.release.after_generate"
    c.Autograde.exporter_class = "gradekit.reading.SubmissionReader"
    c.Autograde.sanitize_preprocessors = SANITISING
    c.Autograde.autograde_preprocessors = GRADING
    c.Exporter.optimized_validation = True  # once at the end, not after each preprocessor
    c.GenerateFeedback.exporter_class = "gradekit.feedback.FeedbackPage"
    c.GenerateFeedback.preprocessors = ["gradekit.feedback.Grades"]
    c.HTMLExporter.filters = {"markdown2html": "gradekit.harmless.safe_markdown"}  # in Formgrader
    c.HTMLExporter.sanitize_html = True


def own_programs_first() -> None:
    """nbgrader calls `alembic` by its bare name, also where the environment was not activated."""
    programs = sysconfig.get_path("scripts")
    paths = os.environ.get("PATH", os.defpath).split(os.pathsep)
    if paths[0] != programs:
        os.environ["PATH"] = os.pathsep.join([programs, *(path for path in paths if path != programs)])


def use_our_converters() -> None:
    """nbgrader has no setting for the classes that autograde and write feedback: its apps get ours by name."""
    for module, name, ours in (
        (nbgrader.apps.autogradeapp, "Autograde", SafeAutograde),
        (nbgrader.apps.generatefeedbackapp, "GenerateFeedback", FeedbackPages),
        (nbgrader.apps.api, "Autograde", SafeAutograde),
        (nbgrader.apps.api, "GenerateFeedback", FeedbackPages),
    ):
        if not issubclass(ours, getattr(module, name)):
            raise RuntimeError(f"{module.__name__}.{name} is not the class that gradekit knows: pin nbgrader==0.9.6.")
        setattr(module, name, ours)


def without_leftovers(nb, resources):
    """A preprocessor: outputs and widget state could show a solution's results."""
    strip(nb)
    return nb, resources
