"""What is on a vehicle's frame: the vehicle (`mask`), text (`text`), and which text is a number plate (`plates`).

`look` joins them for one frame. Nothing here keeps or tells what a plate says.
"""
