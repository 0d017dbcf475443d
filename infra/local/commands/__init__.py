"""One module for each command of `vitrine`; `register` adds its parser."""
