#!/bin/sh
# Builds the server and drives it with the official Python MCP SDK. Needs Python 3.10 or newer.
# Usage: tests/clients/run.sh [BOOK.csv] [debug|release]
set -eu
cd "$(dirname "$0")/../.."

book=${1:-examples/accounts.csv}
profile=${2:-debug}
target=${CARGO_TARGET_DIR:-target}
venv=$target/clients

case $profile in
  release) cargo build --quiet --locked --release ;;
  *) profile=debug; cargo build --quiet --locked ;;
esac
if ! command -v python3 >/dev/null 2>&1; then
  echo "skipped: no python3 on this machine"
  exit 0
fi
if ! "$venv/bin/python" -c 'from importlib.metadata import version; assert version("mcp") == "2.3.0"' 2>/dev/null; then
  if ! { python3 -m venv "$venv" && "$venv/bin/pip" install --quiet --disable-pip-version-check mcp==2.3.0; }; then
    echo "skipped: the Python client could not be installed"
    exit 0
  fi
fi
"$venv/bin/python" tests/clients/chain.py "$target/$profile/keep-segment" "$book"
