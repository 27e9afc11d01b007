#!/bin/sh
# Builds the Claude Code plugin with the program inside it: dist/plugin, which is its own marketplace, and a ZIP file of it.
# Usage: scripts/build-plugin.sh [BINARY]   without BINARY, cargo makes a release build
set -eu
. "$(dirname "$0")/common.sh"

out=dist/plugin
rm -rf "$out"
mkdir -p "$out"
cp -R plugin/. "$out"
cp LICENSE "$out"
cp skills/keep-segment/SKILL.md "$out/skills/keep-segment/SKILL.md"
cp .claude-plugin/marketplace.json "$out/.claude-plugin/marketplace.json"
put_binary "$out"
replace "$out/.claude-plugin/plugin.json" '"command": "keep-segment"' '"command": "${CLAUDE_PLUGIN_ROOT}/server/keep-segment"'
replace "$out/.claude-plugin/marketplace.json" '"source": "./plugin"' '"source": "./"'
replace "$out/README.md" 'This plugin starts `keep-segment` from the PATH. With a Rust toolchain, in a checkout of the repository:' \
  'This plugin brings its own program, for this platform only. To have `keep-segment` on the PATH as well:'
replace "$out/README.md" '`scripts/build-plugin.sh` builds the same plugin with the program inside it, so that nothing has to be on the PATH; it is in `dist/plugin` then. ' ''
pack "$out" dist/keep-segment-plugin.zip

if command -v claude >/dev/null 2>&1; then
  # Not --strict: versions before those that know `icon` and `network` warn of them, and load the plugin all the same.
  claude plugin validate "$out"
else
  echo "claude is not here: the plugin was not validated"
fi
echo "$out and dist/keep-segment-plugin.zip are ready, for $platform"
echo "next: claude plugin marketplace add $(pwd)/$out && claude plugin install keep-segment@keep-segment"
