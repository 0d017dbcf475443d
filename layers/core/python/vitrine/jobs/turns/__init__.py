"""Whose turn it is when more jobs want to be worked on than may be at once.

There are as many numbered slots as jobs may be at work, one item each: who holds an item has the turn, so no count can
be wrong and no item is hot. What finds no free slot stands in line, and whoever ends gives its slot to the head.
"""
