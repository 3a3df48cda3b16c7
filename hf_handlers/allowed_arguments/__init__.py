"""The arguments that a config may give: their names, and the values that fit.

An argument is here only if it is plain data that tunes a model. What names other files, code, hosts or models is not.
The arguments of the pipelines of single tasks are in the table of tasks.
"""
