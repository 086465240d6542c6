#!/usr/bin/env bash
# Check the links of all pages (.md files that git does not ignore). Builds nothing; takes a second.
#
#   scripts/check-links.sh           print the broken links; the exit status is 1 if there are any
#   scripts/check-links.sh --list    print the files that links name, one per line, for scripts/book.sh
#
# A relative link must name a file of the repository, and its anchor a heading of that page. A
# folder is refused: the book has no page for it. docs/SUMMARY.md must name every page outside
# .github once, because the book has no other pages. docs/adr/README.md must name every ADR.
#
# Code blocks, code spans and HTML comments hold no links. Links to other sites are not followed.

set -euo pipefail
export LC_ALL=C
cd "$(dirname "${BASH_SOURCE[0]}")/.."

LIST=0
case ${1:-} in
'') ;;
--list) LIST=1 ;;
*)
    echo "check-links: unknown option $1; usage: scripts/check-links.sh [--list]" >&2
    exit 2
    ;;
esac

SCRATCH=$(mktemp -d)
trap 'rm -rf "$SCRATCH"' EXIT

# New files count before they are added, and deleted ones do not.
git ls-files --cached --others --exclude-standard | sort -u |
    while IFS= read -r file; do [ ! -f "$file" ] || printf '%s\n' "$file"; done >"$SCRATCH/files"
mapfile -t pages < <(grep '\.md$' "$SCRATCH/files")

awk -v list="$LIST" -v files="$SCRATCH/files" -v summary=docs/SUMMARY.md -v adr_index=docs/adr/README.md '
    function report(place, text) {
        print place ": " text
        broken++
    }

    # The path that a link means on a page, or "" if it leads out of the repository.
    function resolve(from, link,    parts, i, n, depth, path) {
        sub(/[^\/]*$/, "", from)
        n = split(from link, parts, "/")
        depth = 0
        for (i = 1; i <= n; i++) {
            if (parts[i] == "" || parts[i] == ".") continue
            if (parts[i] == ".." && depth == 0) return ""
            if (parts[i] == "..") depth--
            else parts[++depth] = parts[i]
        }
        path = depth ? parts[1] : ""
        for (i = 2; i <= depth; i++) path = path "/" parts[i]
        return path
    }

    # The anchor of a heading, as both the code-hosting site and mdBook make it.
    function slug(text,    i, c, made) {
        while (match(text, /\]\([^)]*\)/)) text = substr(text, 1, RSTART - 1) substr(text, RSTART + RLENGTH)
        gsub(/–|—|…|’|‘|“|”|·|×|÷|−|→/, "", text)
        text = tolower(text)
        made = ""
        for (i = 1; i <= length(text); i++) {
            c = substr(text, i, 1)
            if (c == " ") made = made "-"
            else if (index("abcdefghijklmnopqrstuvwxyz0123456789_-", c) || c > "~") made = made c
        }
        return made
    }

    # The text without code spans; line ends stay.
    function without_code(text,    made, ticks, rest, close_at, i, span) {
        made = ""
        while (match(text, /`+/)) {
            made = made substr(text, 1, RSTART - 1)
            ticks = substr(text, RSTART, RLENGTH)
            text = substr(text, RSTART + RLENGTH)
            rest = text
            close_at = 0
            while (match(rest, /`+/)) {
                close_at += RSTART + RLENGTH - 1
                if (RLENGTH == length(ticks)) break
                rest = substr(rest, RSTART + RLENGTH)
            }
            if (!match(rest, /`+/)) continue
            span = substr(text, 1, close_at)
            for (i = gsub(/\n/, "", span); i > 0; i--) made = made "\n"
            text = substr(text, close_at + 1)
        }
        return made text
    }

    function link(place, from, target) {
        if (target ~ /^[A-Za-z][A-Za-z0-9+.-]*:/ || target ~ /^\/\//) return
        links++
        link_place[links] = place
        link_from[links] = from
        link_target[links] = target
    }

    # Take the links out of the collected lines of a paragraph, list item or row.
    function flush(    text, before, target, line) {
        if (block == "") return
        text = without_code(block)
        line = block_line
        while (match(text, /\]\([^)]*\)/)) {
            before = substr(text, 1, RSTART)
            target = substr(text, RSTART + 2, RLENGTH - 3)
            text = substr(text, RSTART + RLENGTH)
            line += gsub(/\n/, "", before)
            before = target
            sub(/^[ \n]+/, "", target)
            sub(/[ \n].*$/, "", target)
            gsub(/^<|>$/, "", target)
            link(page ":" line, page, target)
            line += gsub(/\n/, "", before)
        }
        block = ""
    }

    BEGIN {
        while ((getline file < files) > 0) {
            known[file] = 1
            while (sub(/\/[^\/]*$/, "", file)) folder[file] = 1
        }
    }

    FNR == 1 {
        flush()
        page = FILENAME
        pages[page] = 1
        page_of[++count] = page
        fence = ""
        comment = 0
    }

    fence != "" {
        if ($0 ~ /^ *(```+|~~~+) *$/ && index($1, fence) == 1) fence = ""
        next
    }
    comment {
        if (index($0, "-->") == 0) next
        sub(/^.*-->/, "")
        comment = 0
    }
    /^ *(```|~~~)/ {
        flush()
        fence = $0
        sub(/^ */, "", fence)
        match(fence, /^(`+|~+)/)
        fence = substr(fence, 1, RLENGTH)
        next
    }
    /^ *<!--/ {
        flush()
        if (index($0, "-->") == 0) comment = 1
        next
    }
    /^#+ / {
        flush()
        block = $0
        block_line = FNR
        flush()
        text = $0
        sub(/^#+ +/, "", text)
        sub(/ +#* *$/, "", text)
        name = slug(text)
        times = seen[page, name]++
        anchor[page "#" name (times ? "-" times : "")] = 1
        next
    }
    /^[ >]*\[[^]]+\]: *[^ ]/ {
        flush()
        target = $0
        sub(/^[ >]*\[[^]]+\]: */, "", target)
        sub(/ .*$/, "", target)
        gsub(/^<|>$/, "", target)
        link(page ":" FNR, page, target)
        next
    }
    /^ *$/ { flush(); next }
    /^ *(\||[-*+] |[0-9]+[.)] )/ { flush() }
    {
        if (block == "") block_line = FNR
        block = block $0 "\n"
    }

    END {
        flush()
        for (i = 1; i <= links; i++) {
            target = link_target[i]
            hash = index(target, "#")
            path = hash ? substr(target, 1, hash - 1) : target
            path = path == "" ? link_from[i] : path ~ /^\// ? "" : resolve(link_from[i], path)
            name = hash ? substr(target, hash + 1) : ""
            if (list) {
                if (path in known) print path
                continue
            }
            if (path == "") report(link_place[i], target " leads out of the repository")
            else if (path in folder) report(link_place[i], target " is a folder; link to a file in it")
            else if (!(path in known)) report(link_place[i], target " names no file: " path)
            else if (hash && path in pages && !((path "#" name) in anchor))
                report(link_place[i], target " names no heading of " path)
            if (link_from[i] == summary && ++in_book[path] == 2) report(link_place[i], path " is named twice")
            if (link_from[i] == adr_index) in_index[path] = 1
        }
        if (list) exit
        for (i = 1; i <= count; i++) {
            path = page_of[i]
            if (path != summary && path !~ /^\.github\// && !(path in in_book)) report(path, "not in " summary)
            if (path ~ /^docs\/adr\/[0-9]/ && !(path in in_index)) report(path, "not in " adr_index)
        }
        if (broken) {
            print "check-links: " broken " errors in " links " links of " count " pages"
            exit 1
        }
        print "check-links: ok pages=" count " links=" links
    }
' "${pages[@]}" | if [ "$LIST" = 1 ]; then sort -u; else cat; fi
