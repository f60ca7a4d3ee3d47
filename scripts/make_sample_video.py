"""Make the mock gateway's video: ``python scripts/make_sample_video.py``; needs the package ``av``.

One second of H.264 that every browser plays, in less than 2 KB: a picture that grows light and dark again. The
encoder's own notes are taken out, and the index stands before the pictures, so that it plays while it loads.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import av
import av.bitstream
import av.video

WIDTH, HEIGHT, RATE, FRAMES = 128, 72, 8, 8
TARGET = Path(__file__).parents[1] / "templates/modelstream/mock/sample.mp4"
MOST_BYTES = 2048

_ENCODER = {"crf": "30", "preset": "veryslow", "x264-params": "keyint=8:bframes=0:ref=1:threads=1"}
_ENCODERS_NOTES = "filter_units=remove_types=6"


def make_video() -> bytes:
    """The content of the file; the same bytes from the same version of ``av``."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "sample.mp4")  # The index can only be moved to the front of a file that has a name.
        encode(path)
        return path.read_bytes()


def encode(path: Path) -> None:
    """Write the video."""
    options = {"movflags": "faststart", "fflags": "+bitexact"}
    with av.open(path, "w", options=options) as container:
        stream = container.add_stream("libx264", rate=RATE, options=_ENCODER)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        notes = av.bitstream.BitStreamFilterContext(_ENCODERS_NOTES, stream)
        pictures = [picture(number) for number in range(FRAMES)]
        packets = [packet for each in (*pictures, None) for packet in stream.encode(each)]
        for packet in (*packets, None):
            container.mux(notes.filter(packet))


def picture(number: int) -> av.VideoFrame:
    """A frame: one colour, whose brightness follows the number."""
    frame = av.VideoFrame(WIDTH, HEIGHT, "yuv420p")
    frame.pts = number
    light = 60 + 40 * min(number, FRAMES - number)
    for plane, value in zip(frame.planes, (light, 150, 110), strict=True):
        plane.update(bytes([value]) * plane.buffer_size)
    return frame


def main() -> int:
    """Write the file."""
    content = make_video()
    if len(content) > MOST_BYTES:
        sys.stderr.write(f"{len(content)} bytes are more than {MOST_BYTES}\n")
        return 1
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_bytes(content)
    sys.stdout.write(f"{TARGET}: {len(content)} bytes\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
