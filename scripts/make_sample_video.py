"""Make the sample videos of the mock gateway: ``python scripts/make_sample_video.py``. It needs the package ``av``.

A sample is one second of H.264 that every browser plays, in less than 2 kB: a plain picture that brightens and darkens.
The script removes the encoder's notes and puts the index first, so that the video plays while it loads.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import av
import av.bitstream
import av.video

SIZES = {
    "16x9": (128, 72),
    "9x16": (72, 128),
    "1x1": (96, 96),
    "4x3": (96, 72),
    "3x4": (72, 96),
    "21x9": (168, 72),
}
"""Name of the file to width and height."""
RATE, FRAMES = 8, 8
TARGET = Path(__file__).parents[1] / "runtime/modelstream_runtime/mock/samples"
MAX_BYTES = 2048

_ENCODER = {"crf": "30", "preset": "veryslow", "x264-params": "keyint=8:bframes=0:ref=1:threads=1"}
_ENCODERS_NOTES = "filter_units=remove_types=6"


def make_video(width: int, height: int) -> bytes:
    """The content of the file. The same version of ``av`` gives the same bytes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "sample.mp4")  # Only in a named file can the index move to the front.
        encode(path, width, height)
        return path.read_bytes()


def encode(path: Path, width: int, height: int) -> None:
    """Write the video."""
    options = {"movflags": "faststart", "fflags": "+bitexact"}
    with av.open(path, "w", options=options) as container:
        stream = container.add_stream("libx264", rate=RATE, options=_ENCODER)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        notes = av.bitstream.BitStreamFilterContext(_ENCODERS_NOTES, stream)
        pictures = [picture(number, width, height) for number in range(FRAMES)]
        packets = [packet for each in (*pictures, None) for packet in stream.encode(each)]
        for packet in (*packets, None):
            container.mux(notes.filter(packet))


def picture(number: int, width: int, height: int) -> av.VideoFrame:
    """A frame of one colour; its number sets the brightness."""
    frame = av.VideoFrame(width, height, "yuv420p")
    frame.pts = number
    light = 60 + 40 * min(number, FRAMES - number)
    for plane, value in zip(frame.planes, (light, 150, 110), strict=True):
        plane.update(bytes([value]) * plane.buffer_size)
    return frame


def main() -> int:
    """Write the files."""
    TARGET.mkdir(parents=True, exist_ok=True)
    for name, (width, height) in SIZES.items():
        content = make_video(width, height)
        if len(content) > MAX_BYTES:
            sys.stderr.write(f"{name}: {len(content)} bytes are more than {MAX_BYTES}\n")
            return 1
        path = TARGET / f"{name}.mp4"
        path.write_bytes(content)
        sys.stdout.write(f"{path}: {len(content)} bytes\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
