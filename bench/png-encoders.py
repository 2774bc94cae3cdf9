"""Writes an image as PNG by the encoders of Python that are installed, for bench/restoring.js.

Usage: python png-encoders.py IN.png FOLDER; prints a line of JSON: {"name": ..., "file": ...} for each.
Pillow, OpenCV (opencv-python-headless), pypng and NumPy; those that are missing are left out.
"""
import json
import os
import sys

source, folder = sys.argv[1:]


def write(name, save):
    path = os.path.join(folder, f"python-{len(os.listdir(folder))}.png")
    save(path)
    print(json.dumps({"name": name, "file": path}))


def by_pillow():
    import PIL
    from PIL import Image

    image = Image.open(source).convert("RGB")
    name = f"Pillow {PIL.__version__}"
    write(f"{name}, default", lambda path: image.save(path))
    write(f"{name}, `optimize`", lambda path: image.save(path, optimize=True))
    write(f"{name}, RGBA, default", lambda path: image.convert("RGBA").save(path))
    write(f"{name}, gray, `compress_level=1`", lambda path: image.convert("L").save(path, compress_level=1))
    write(f"{name}, 64 colours", lambda path: image.quantize(64).save(path))
    write(f"{name}, 256 colours, `optimize`", lambda path: image.quantize(256).save(path, optimize=True))
    write(f"{name}, 1 bit", lambda path: image.convert("1").save(path))


def by_opencv():
    import cv2

    image = cv2.imread(source)
    name = f"OpenCV {cv2.__version__}"
    level = cv2.IMWRITE_PNG_COMPRESSION
    write(f"{name}, default", lambda path: cv2.imwrite(path, image))
    write(f"{name}, compression 9", lambda path: cv2.imwrite(path, image, [level, 9]))
    write(f"{name}, compression 0", lambda path: cv2.imwrite(path, image, [level, 0]))


def by_pypng():
    import numpy
    import png
    from PIL import Image

    pixels = numpy.asarray(Image.open(source).convert("RGB"))
    lines = pixels.reshape(pixels.shape[0], -1)
    writer = png.Writer(pixels.shape[1], pixels.shape[0], greyscale=False)
    write("pypng", lambda path: writer.write(open(path, "wb"), lines))


for by in (by_pillow, by_opencv, by_pypng):
    try:
        by()
    except ImportError as error:
        print(error, file=sys.stderr)
