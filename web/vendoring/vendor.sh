#!/bin/sh
# Makes web/static/vendor again from the packages named here. Needs npm; run only to change a version.
set -eu
HLS=hls.js@1.7.4
CONTROLS=media-chrome@4.19.4
BUNDLER=esbuild@0.28.2

here=$(cd "$(dirname "$0")" && pwd)
to="$here/../static/vendor"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cp "$here/words.js" "$here/controls.js" "$here/styles.js" "$work"
cd "$work"
npm init -y >/dev/null
npm install --no-audit --no-fund --save-exact "$HLS" "$CONTROLS" "$BUNDLER"
# Inline styles would need a policy that allows them to everybody (styles.js).
dist=node_modules/media-chrome/dist
sed -i -E 's/this\.shadowRoot\.setHTMLUnsafe \? .*;$/fill(this.shadowRoot, html);/
  s/this\.shadowRoot\.innerHTML = (.*);$/fill(this.shadowRoot, \1);/' "$dist"/*.js
sed -i 's/styleParent\.querySelectorAll("style:not(\[media\])")/sheetsOf(styleParent)/' "$dist/utils/element-utils.js"
npx esbuild controls.js --inject:styles.js --bundle --minify --format=iife --target=es2020 --legal-comments=none --outfile=controls.min.js

if grep -Eq 'shadowRoot\.(innerHTML|setHTMLUnsafe)|"style:not' controls.min.js; then
  echo "The controls fill their shadow trees in a new way: see to styles.js." >&2
  exit 1
fi

mkdir -p "$to"
# The full build: the light one has no alternate audio, which our separate sound needs.
sed '/^\/\/# sourceMappingURL=/d' node_modules/hls.js/dist/hls.min.js >"$to/hls.min.js"
cp controls.min.js "$to/media-chrome.min.js"
cp node_modules/hls.js/LICENSE "$to/hls.LICENSE.txt"
cp node_modules/media-chrome/LICENSE "$to/media-chrome.LICENSE.txt"
printf '%s\n' "$HLS" "$CONTROLS" "bundled with $BUNDLER" >"$to/VERSIONS.txt"
