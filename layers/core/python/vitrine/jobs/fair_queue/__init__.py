"""The fair queue: which job is worked on next when more are ready than may be at work at once.

There are as many numbered slots as jobs may be at work, one item each: a job that holds an item
may be at work, so no count can be wrong and no item is hot. A job that finds no free slot waits in the queue, and a job
that ends passes its slot on to the first in the queue.
"""
