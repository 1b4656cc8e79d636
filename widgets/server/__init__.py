"""Serving: a standalone Voila with our template, started as a process of its own.

options      what is served, to whom; the configuration and the clean environment that follow
command      `python3 -m workbench app` and `lab`: start, say where, stop everything
running      the processes behind both, a free port
child        the server's process; reads its options from standard input and ends when that closes
application  Voila with our landing page, health address and nothing else
seats        kernels: at most so many, preheated ones give way to a person who waits
policy       the headers every answer carries
chrome       the frame of a page: apps and texts in three languages
headlines    the live figures of the landing page, computed in a process of their own
"""
