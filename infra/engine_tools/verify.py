"""`vitrine verify`: whether frames and package are those of a published manifest. Needs no cloud and no account."""

import argparse
from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from infra.errors import CommandError
from vitrine.capture.publishing import verifying
from vitrine.capture.publishing.models import Manifest
from vitrine.capture.publishing.verifying import Finding


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the `verify` command; its parser sets `run`."""
    parser = subparsers.add_parser("verify", help="check published frames and packages against their manifest")
    parser.add_argument("manifest", type=Path, metavar="MANIFEST")
    parser.add_argument("--package", type=Path, metavar="ZIP")
    parser.add_argument("--frame", type=Path, metavar="FILE", action="append", default=[], help="may be repeated")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0: all is as the manifest says. 1: something is not. Raises `CommandError` for what cannot be read."""
    manifest = _manifest(args.manifest)
    try:
        findings = list(_check(manifest, args.package, args.frame))
    except OSError as error:
        raise CommandError(f"{error.filename} cannot be read.", "Check the path.") from None
    for finding in findings:
        print(f"{'ok ' if finding.ok else 'NO '} {finding.name}: {finding.what}")
    return 0 if all(finding.ok for finding in findings) else 1


def _check(manifest: Manifest, package: Path | None, frames: list[Path]) -> Iterator[Finding]:
    unbound = verifying.unbound(manifest)
    yield from (Finding(name, False, "the original is not what the phone announced") for name in unbound)
    if not unbound:
        bound = len(manifest.frames) + len(manifest.stills)
        yield Finding(manifest.session_id, True, f"{bound} originals are what the phone announced")
    if package:
        yield from verifying.package(manifest, package)
    yield from (verifying.frame(manifest, path) for path in frames)


def _manifest(path: Path) -> Manifest:
    try:
        return Manifest.model_validate_json(path.read_bytes())
    except OSError:
        raise CommandError(f"{path} cannot be read.", "Give the path of a manifest.json.") from None
    except ValidationError:
        raise CommandError(f"{path} is no manifest of ours.", "See events/published/manifest-1.json.") from None
