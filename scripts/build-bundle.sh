#!/bin/sh
# Builds the MCPB bundle for this platform: dist/bundle and dist/keep-segment-PLATFORM.mcpb.
# Usage: scripts/build-bundle.sh [BINARY]   without BINARY, cargo makes a release build
# With `mcpb` (npm install --global @anthropic-ai/mcpb) the manifest is checked too; without it the bundle is packed as a ZIP.
set -eu
. "$(dirname "$0")/common.sh"

out=dist/bundle
bundle=dist/keep-segment-$platform.mcpb
rm -rf "$out"
mkdir -p "$out"
cp manifest.json LICENSE README.md "$out"
cp plugin/icon.png "$out/icon.png"
put_binary "$out"
replace "$out/manifest.json" '"icon": "plugin/icon.png"' '"icon": "icon.png"'
# A bundle holds one program, so it must not offer itself to other platforms.
replace "$out/manifest.json" '["darwin", "linux", "win32"]' "[\"$platform\"]"
if [ -n "$ending" ]; then
  replace "$out/manifest.json" '"entry_point": "server/keep-segment"' "\"entry_point\": \"server/keep-segment$ending\""
fi

if command -v mcpb >/dev/null 2>&1; then
  mcpb=mcpb
elif npx --no-install mcpb --version >/dev/null 2>&1; then
  mcpb="npx --no-install mcpb"
else
  mcpb=
fi
if [ -n "$mcpb" ]; then
  $mcpb validate "$out/manifest.json"
  $mcpb pack "$out" "$bundle"
else
  pack "$out" "$bundle"
  echo "mcpb is not here: the manifest was not validated, and the bundle was packed as a ZIP"
fi
echo "$bundle is ready"
