"""Say how often a remedy that is equal is called different in any segment of a table.

Run: PYTHONPATH=src python benchmarks/segments.py --draws 200 --seed 1

Tables are drawn again and again, with folds and fits of their own. Segments are drawn at random,
and the remedies are equal: random under-sampling with two seeds, and one procedure on two equally
noisy copies of the features. So each claim is false.
"""
