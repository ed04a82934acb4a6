"""Bundle what the browser loads into ``src/lopso/static/built``; at once when nothing changed.

``manifest.json`` there maps plain names (``other.css``) to names that carry a hash of their content
(``other-MZ4QK2VB.css``), so that a page may let browsers keep each file for ever.
"""

import hashlib
import json
import shutil
import sys
from pathlib import Path

import nodejs

STATIC = nodejs.ROOT / "src" / "lopso" / "static"
BUILT = STATIC / "built"
ENTRIES = ("app.js", "other.js", "calendar.css", "roll.css", "other.css")
BUNDLED = {".js", ".css"}

# The oldest browsers we promise (cascade layers and container queries): what Windows 7 and 8 end with (Chrome
# 109, Firefox 115), phones on Android 6 and later, iPhones on iOS 16.
BROWSERS = "chrome105,firefox110,safari16"

COMPRESS = """
const { readFileSync, writeFileSync } = require("node:fs");
const { brotliCompressSync, gzipSync } = require("node:zlib");
for (const file of process.argv.slice(1)) {
  const text = readFileSync(file);
  writeFileSync(`${file}.br`, brotliCompressSync(text));
  writeFileSync(`${file}.gz`, gzipSync(text, { level: 9 }));
}
"""

FONT = "@expo-google-fonts/be-vietnam-pro"
FONT_WEIGHTS = ("400Regular", "400Regular_Italic", "500Medium", "600SemiBold", "700Bold")


def main() -> None:
    """Build unless `BUILT` was made from these very sources."""
    wanted = fingerprint()
    stamp = BUILT / ".made-from"
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    packages = nodejs.install_packages()
    fresh = STATIC / "built.new"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir()
    manifest = bundle(packages, fresh) | copy_as_is(fresh)
    compress(fresh)
    copy_fonts(packages, fresh / "fonts")
    (fresh / "manifest.json").write_text(json.dumps(manifest, indent=2, sort_keys=True) + "\n")
    (fresh / ".made-from").write_text(wanted)
    shutil.rmtree(BUILT, ignore_errors=True)
    fresh.rename(BUILT)
    print(f"Built {', '.join(sorted(manifest.values()))}.", file=sys.stderr)


def sources() -> list[Path]:
    """Our own files under static/, in a fixed order."""
    return sorted(
        path
        for path in STATIC.rglob("*")
        if path.is_file() and path.relative_to(STATIC).parts[0] not in ("built", "built.new")
    )


def fingerprint() -> str:
    """A hash over everything the result depends on."""
    digest = hashlib.sha256()
    for path in [Path(__file__), nodejs.ROOT / "package-lock.json", *sources()]:
        digest.update(f"{path.relative_to(nodejs.ROOT)}\0{path.stat().st_size}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def bundle(packages: Path, target: Path) -> dict[str, str]:
    """The entries with all they import, minified. Returns plain name to hashed name."""
    report = target / "esbuild.json"
    nodejs.run(
        nodejs.node_and_npm()[0],
        str(packages / "esbuild" / "bin" / "esbuild"),
        *(str(STATIC / entry) for entry in ENTRIES),
        f"--outdir={target}",
        f"--metafile={report}",
        f"--target={BROWSERS}",
        "--bundle",
        "--minify",
        "--format=iife",
        "--charset=utf8",
        "--legal-comments=external",
        "--entry-names=[name]-[hash]",
        "--asset-names=[name]-[hash]",
        "--loader:.svg=file",
        "--loader:.woff2=file",
        "--log-level=warning",
    )
    outputs = json.loads(report.read_text())["outputs"]
    report.unlink()
    return {
        Path(output["entryPoint"]).name: Path(name).name
        for name, output in outputs.items()
        if "entryPoint" in output
    }


def compress(target: Path) -> None:
    """Each bundle once more as ``.br`` and ``.gz``, as small as can be: browsers are sent these."""
    bundles = [str(path) for path in sorted(target.iterdir()) if path.suffix in BUNDLED]
    nodejs.run(nodejs.node_and_npm()[0], "--eval", COMPRESS, *bundles)


def copy_as_is(target: Path) -> dict[str, str]:
    """Icons and other files no bundle takes in, under a hashed name. Returns plain name to hashed name."""
    names: dict[str, str] = {}
    for path in sources():
        if path.suffix not in BUNDLED:
            digest = hashlib.sha256(path.read_bytes()).hexdigest()[:8].upper()
            names[path.name] = f"{path.stem}-{digest}{path.suffix}"
            shutil.copyfile(path, target / names[path.name])
    return names


def copy_fonts(packages: Path, target: Path) -> None:
    """Be Vietnam Pro with its licence, for the printed documents; pages use the reader's own fonts."""
    target.mkdir()
    for weight in FONT_WEIGHTS:
        shutil.copy(packages / FONT / weight / f"BeVietnamPro_{weight}.ttf", target)
    shutil.copy(packages / FONT / "LICENSE_FONT", target / "OFL.txt")


if __name__ == "__main__":
    main()
