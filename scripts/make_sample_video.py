"""Make the video of the mock gateway: ``python scripts/make_sample_video.py``. It needs the package ``av``.

The video is one second of H.264 that every browser plays, in less than 2 kB: a plain picture that brightens and
darkens. The script removes the encoder's notes and puts the index first, so that the video plays while it loads.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import av
import av.bitstream
import av.video

WIDTH, HEIGHT, RATE, FRAMES = 128, 72, 8, 8
TARGET = Path(__file__).parents[1] / "runtime/modelstream_runtime/mock/sample.mp4"
MOST_BYTES = 2048

_ENCODER = {"crf": "30", "preset": "veryslow", "x264-params": "keyint=8:bframes=0:ref=1:threads=1"}
_ENCODERS_NOTES = "filter_units=remove_types=6"


def make_video() -> bytes:
    """The content of the file. The same version of ``av`` gives the same bytes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "sample.mp4")  # Only in a named file can the index move to the front.
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
    """A frame of one colour; its number sets the brightness."""
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
