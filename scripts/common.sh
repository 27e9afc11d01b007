# What both build scripts need: goes to the top of the repository, with the path that was given still good.

case ${1:-} in
  "" | /*) binary=${1:-} ;;
  *) binary=$(pwd)/$1 ;;
esac
cd "$(dirname "$0")/.."

fail() {
  echo "$(basename "$0"): $*" >&2
  exit 1
}

# The platform of this machine as MCPB names it, and how programs end there.
case $(uname -s) in
  Linux) platform=linux ending= ;;
  Darwin) platform=darwin ending= ;;
  MINGW* | MSYS* | CYGWIN*) platform=win32 ending=.exe ;;
  *) fail "no bundle for $(uname -s)" ;;
esac

# Puts the program into FOLDER/server: the one that was given, else a release build.
put_binary() {
  binary_source=$binary
  if [ -z "$binary_source" ]; then
    command -v cargo >/dev/null 2>&1 || fail "no cargo here; install Rust, or name a built program: $0 BINARY"
    cargo build --release --locked
    binary_source=${CARGO_TARGET_DIR:-target}/release/keep-segment$ending
  fi
  [ -f "$binary_source" ] || fail "there is no program $binary_source"
  mkdir -p "$1/server"
  cp "$binary_source" "$1/server/keep-segment$ending"
  chmod 755 "$1/server/keep-segment$ending"
  binary_says=$("$1/server/keep-segment$ending" --version) || fail "$binary_source does not run here"
  wanted="keep-segment $(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)"
  [ "$binary_says" = "$wanted" ] || fail "$binary_source is $binary_says, and this checkout is $wanted"
}

# replace FILE OLD NEW: a fixed text of one line; one that is not there is a mistake.
replace() {
  grep -qF -- "$2" "$1" || fail "$1 does not hold: $2"
  OLD=$2 NEW=$3 awk '
    { at = index($0, ENVIRON["OLD"])
      if (at) $0 = substr($0, 1, at - 1) ENVIRON["NEW"] substr($0, at + length(ENVIRON["OLD"]))
      print }' "$1" >"$1.new"
  mv "$1.new" "$1"
}

# pack FOLDER ZIP: packs the files in the folder, not the folder itself; entries for folders stop some readers of bundles.
pack() {
  rm -f "$2"
  packed=$(pwd)/$2
  if command -v zip >/dev/null 2>&1; then
    (cd "$1" && zip -q -X -D -r "$packed" .)
  elif command -v python3 >/dev/null 2>&1; then
    python3 - "$1" "$packed" <<'PYTHON'
import os, sys, zipfile

folder, packed = sys.argv[1:]
with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
    for above, folders, files in os.walk(folder):
        folders.sort()
        for path in (os.path.join(above, name) for name in sorted(files)):
            archive.write(path, os.path.relpath(path, folder))
PYTHON
  else
    fail "neither zip nor python3 is here, and one of them has to pack $2; the folder $1 is ready"
  fi
}
