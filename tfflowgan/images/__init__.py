"""Image files as pixels: the one finder and the one reader, for training, commands and the demo.

Nothing here imports TensorFlow. The client must load without Pillow, so this module imports nothing
either: import `find`, `read` or `folder` where they are used.
"""
