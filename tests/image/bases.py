"""Make the image's two bases from Debian packages alone, for where no image registry can be reached.

The build base is a small Debian 12 with Python and pip. The run base is cut from the same tree down to what the
distroless project's Python image holds: no shell, no package manager, the standard library not compiled, a user 65532.
Needs root, mmdebstrap and podman.
"""

from __future__ import annotations

import io
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

BUILD_BASE = "localhost/plex-mcp-build-base:bookworm"
RUN_BASE = "localhost/plex-mcp-run-base:bookworm"
# What distroless builds its Python image from (its python3 and cc images).
PACKAGES = (
    "base-files netbase tzdata media-types libc6 libssl3 libgcc-s1 libgomp1 libstdc++6 libbz2-1.0 libdb5.3 libexpat1",
    "liblzma5 libsqlite3-0 libuuid1 libncursesw6 libtinfo6 python3-distutils zlib1g libcom-err2 libcrypt1 libffi8",
    "libnsl2 libgssapi-krb5-2 libk5crypto3 libkeyutils1 libkrb5-3 libkrb5support0 libreadline8 libtirpc3",
    "python3.11-minimal libpython3.11-minimal libpython3.11-stdlib",
)
FOLDERS = ("etc", "home", "home/nonroot", "proc", "root", "run", "sys", "dev", "tmp", "usr", "var")
USERS = "root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n"


def make(folder: Path) -> tuple[str, str]:
    """Make what podman does not have yet; the names of the build base and the run base."""
    tree = folder / "debian.tar"
    if not tree.exists():
        folder.mkdir(parents=True, exist_ok=True)
        partial = folder / "debian.partial.tar"
        without = [f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in ("man", "doc", "locale")]
        packages = "--include=python3,python3-pip,ca-certificates,netbase,libgomp1"
        _run("mmdebstrap", "--quiet", "--variant=minbase", packages, *without, "bookworm", str(partial))
        partial.rename(tree)
    if not _known(BUILD_BASE):
        _run("podman", "import", "--quiet", str(tree), BUILD_BASE)
    if not _known(RUN_BASE):
        run_tree = folder / "run.tar"
        cut(tree, run_tree)
        _run(
            "podman",
            "import",
            "--quiet",
            "--change",
            "USER=65532",
            "--change",
            "ENV=LANG=C.UTF-8",
            str(run_tree),
            RUN_BASE,
        )
        run_tree.unlink()
    return BUILD_BASE, RUN_BASE


def cut(tree: Path, run_tree: Path) -> None:
    """Copy the files of PACKAGES, the certificates and two users from one tar archive into another."""
    with tarfile.open(tree) as whole, tarfile.open(run_tree, "w") as kept:
        wanted = set(_files_of_packages(whole)) | {"etc/ssl/certs/ca-certificates.crt", "bin", "lib", "lib64", "sbin"}
        for member in whole:
            name = member.name.removeprefix("./")
            if name in wanted and not member.isdir():
                kept.addfile(member, whole.extractfile(member) if member.isfile() else None)
        for name in FOLDERS:
            entry = tarfile.TarInfo(name)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o1777 if name == "tmp" else 0o755
            entry.uid = entry.gid = 65532 if name == "home/nonroot" else 0
            kept.addfile(entry)
        for name in ("python", "python3"):
            link = tarfile.TarInfo(f"usr/bin/{name}")
            link.type, link.linkname = tarfile.SYMTYPE, "python3.11"
            kept.addfile(link)
        passwd = tarfile.TarInfo("etc/passwd")
        passwd.size = len(USERS)
        kept.addfile(passwd, io.BytesIO(USERS.encode()))


def _files_of_packages(whole: tarfile.TarFile) -> Iterator[str]:
    lists = {Path(name).name: name for name in whole.getnames() if name.endswith(".list") and "/dpkg/info/" in name}
    for package in " ".join(PACKAGES).split():
        found = [path for name, path in lists.items() if name.removesuffix(".list").split(":")[0] == package]
        if not found:
            raise LookupError(f"{package} is not in the tree")
        listing = whole.extractfile(found[0])
        assert listing is not None
        for path in listing.read().decode().split("\n"):
            for merged in (
                "/lib",
                "/lib64",
                "/bin",
                "/sbin",
            ):  # Debian's lists still name these; the files are below /usr
                if path.startswith(f"{merged}/"):
                    yield f"usr{path}"
            yield path.removeprefix("/")


def _known(image: str) -> bool:
    return subprocess.run(["podman", "image", "exists", image], check=False).returncode == 0


def _run(*command: str) -> None:
    subprocess.run(command, check=True, stdout=sys.stderr)
