#!/usr/bin/env bash
# Build the book of the documentation with mdBook; without mdBook, say how to install it.
#
#   scripts/book.sh FOLDER     the book goes to FOLDER, the collected pages to FOLDER-src
#
# The pages keep their places below the collecting folder, so a link is right here, on the
# code-hosting site and in the book. Only SUMMARY.md moves up, and its links with it. Files that a
# page links to come along.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/env.sh

book=${1:?usage: scripts/book.sh FOLDER}
if ! command -v mdbook >/dev/null 2>&1; then
    echo "book: mdbook is not installed, so the book is not built; to install it: cargo install --locked mdbook"
    exit 0
fi
mkdir -p "$book"
book=$(cd "$book" && pwd)

collected=$book-src
rm -rf "$collected"
mkdir -p "$collected/src"
cp book.toml "$collected"
{
    sed -n 's/.*](\(.*\)).*/docs\/\1/p' docs/SUMMARY.md | sed 's|^docs/\.\./||'
    scripts/check-links.sh --list
} | sort -u | while IFS= read -r file; do
    mkdir -p "$collected/src/$(dirname "$file")"
    cp "$file" "$collected/src/$file"
done
sed -e 's|](|](docs/|' -e 's|](docs/\.\./|](|' docs/SUMMARY.md >"$collected/src/SUMMARY.md"

mdbook build --dest-dir "$book" "$collected"
echo "book: $book/index.html"
