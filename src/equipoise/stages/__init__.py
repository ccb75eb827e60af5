"""What each stage does: reads files of the layout, calls the library, writes files.

A stage is a module with a function `run`, which takes the layout, the params and, where the stage
works on one strategy or one arm, its name. What a trial in memory needs too is a function beside
it, from values to values.
"""
