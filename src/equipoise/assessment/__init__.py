"""How an arm is judged: decisions, probabilities, and how sure the numbers are."""
