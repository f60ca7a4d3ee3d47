"""The virtual environments that the variants run in: the packages in an environment affect what is measured."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from importlib.metadata import distributions
from pathlib import Path

from benchmarks.synthetic import write_project

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / ".nox" / "bench-environments"

_GROUPS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["dependency-groups"]

_REQUIREMENTS: dict[str, tuple[str, ...]] = {
    "plain": (".",),
    "httpx": ("httpx",),
    "sniffio": ("httpx", "sniffio"),
    "mock": (".[mock]",),
    "distributed": (".[distributed]",),
    "peers": (".[aiohttp]", *_GROUPS["bench"]),
    "generator": (*_GROUPS["generate"], *_GROUPS["bench-generate"]),
    "many": ("500 models",),
    "mcp": (".[mcp]",),
    "mcp-5": ("5 models[mcp]",),
    "mcp-50": ("50 models[mcp]",),
    "studio-50": ("50 models[studio]",),
}
"""``plain`` is this package as users install it; ``500 models`` is the same with the models of `write_project`."""
_MODELS = re.compile(r"(?P<count>\d+) models(?P<extra>.*)")


def prepare(name: str, scratch: Path) -> None:
    """Create an environment, or update the one of the last run. This package is always rebuilt for it."""
    requirements = _REQUIREMENTS[name]
    if models := _MODELS.fullmatch(requirements[0]):
        project = scratch / f"{models['count']}-models"
        if not project.exists():
            write_project(project, int(models["count"]))
        requirements = (f"{project}{models['extra']}",)
    if not interpreter(name).exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", "--without-pip", FOLDER / name], check=True)
    quiet = ("--quiet", "--disable-pip-version-check")
    pip = (sys.executable, "-m", "pip", "--python", str(interpreter(name)), "install", *quiet)
    subprocess.run([*pip, *requirements], cwd=ROOT, check=True)
    for package in ("benchmarks", "tests"):  # The tests know how to start a PostgreSQL.
        link = _site_packages(name) / package
        if not link.is_symlink():
            link.symlink_to(ROOT / package)


def interpreter(name: str) -> Path:
    """The Python interpreter of an environment."""
    return FOLDER / name / "bin" / "python"


def versions(name: str) -> dict[str, str]:
    """The versions of the packages in an environment."""
    installed = distributions(path=[str(_site_packages(name))])
    return {item.name.lower().replace("_", "-"): item.version for item in installed}


def _site_packages(name: str) -> Path:
    return FOLDER / name / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
