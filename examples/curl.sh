#!/usr/bin/env bash
# Draw a picture with curl, and keep it: the link expires.
# Set AIML_API_KEY, and AIML_API_BASE for another server than the live API.
set -euo pipefail
base=${AIML_API_BASE:-https://api.aimlapi.com}
base=${base%/v1}

# --fail-with-body: a refusal is shown, and ends the script.
answer=$(curl -sS --fail-with-body "$base/v1/images/generations" \
  -H "Authorization: Bearer $AIML_API_KEY" -H 'Content-Type: application/json' \
  -d '{"model": "bytedance/seedream-3.0", "prompt": "a lighthouse at dusk", "size": "1888x301"}') ||
  { echo "refused: $answer" >&2; exit 1; }

# In quotes: a signed link is full of ampersands. Without the key: it may lead to another host.
url=$(sed -E 's/.*"url": ?"([^"]+)".*/\1/' <<<"$answer")
curl -sS --fail "$url" -o lighthouse.jpg
echo "drawn: lighthouse.jpg, $(wc -c <lighthouse.jpg) bytes"
