"""Grading a class: workers run and judge submissions, one writer puts what comes back into gradebook and folders."""
