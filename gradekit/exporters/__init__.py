"""Grades for an LMS: export plugins of nbgrader's for Canvas and Moodle.

nbgrader export --exporter=gradekit.exporters.CanvasCSV
"""

from gradekit.exporters.canvas import CanvasCSV
from gradekit.exporters.moodle import MoodleCSV, MoodleWorksheet

__all__ = ["CanvasCSV", "MoodleCSV", "MoodleWorksheet"]
