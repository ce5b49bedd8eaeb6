"""Known wrong versions of the graded functions, topic by topic (see gradekit.bank)."""
