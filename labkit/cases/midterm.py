"""The mock exam of lab 09: which question each number is. What it asks is drawn from the student's id."""

from labkit.exercise import PersonalAnswer

student_id = PersonalAnswer("student_id")
mock_1 = PersonalAnswer("mock_1", "parameter_counts", "image")
mock_2 = PersonalAnswer("mock_2", "forward", "batch")
mock_3 = PersonalAnswer("mock_3", "cross_entropy_value", "batch")
mock_4 = PersonalAnswer("mock_4", "output_delta", "bce")
mock_5 = PersonalAnswer("mock_5", "backward_221", "closed_gate")
mock_6 = PersonalAnswer("mock_6", "weight_variance", "both_variances")
mock_7 = PersonalAnswer("mock_7", "adam", "two_steps")
mock_8 = PersonalAnswer("mock_8", "batch_norm_training", "one_output")
mock_9 = PersonalAnswer("mock_9", "residual", "block_by_hand")
