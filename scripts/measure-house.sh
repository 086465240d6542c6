#!/usr/bin/env bash
# Measure how easy the sources are to read. Builds nothing and takes a few seconds.
#
#   scripts/measure-house.sh             one line for each measure
#   scripts/measure-house.sh --list      the places as well
#   scripts/measure-house.sh --check     the last line alone; fails above the limits below
#   scripts/measure-house.sh [--list] [--check] --root FOLDER     another checkout
#
#   long_functions    functions of more than 50 lines, from `fn` to the closing brace
#   long_files        Rust files of more than 1,000 lines
#   wide_doc_lines    lines of doc comments of more than 100 columns, in all Rust files
#   headless          sentences of comments that begin with "What ...", "Who ..." and the like
#   module_circles    groups of modules of a crate that use each other in a circle
#   mock_duplicates   lines of a pallet's mock in a run of 4 or more that an earlier mock has, too
#
# Tests, mocks and benchmarks are not counted among functions, files and modules. Parts under
# `#[cfg(test)]` are not counted among functions and modules. Generated weights are not counted at
# all. Questions may begin with "What" or "Who". A module and the modules inside it may use each
# other.

set -euo pipefail
export LC_ALL=C

# The limits of --check. Lower them when the figures have fallen.
MAX_LONG_FUNCTIONS=1
MAX_LONG_FILES=0
MAX_WIDE_DOC_LINES=0
MAX_HEADLESS=3
MAX_MODULE_CIRCLES=0
MAX_MOCK_DUPLICATES=55

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
LIST=0
CHECK=0
while [ $# -gt 0 ]; do
    case $1 in
    --list) LIST=1 ;;
    --check) CHECK=1 ;;
    --root)
        ROOT=${2:?--root needs a folder}
        shift
        ;;
    *)
        echo "measure-house: unknown option $1; usage: scripts/measure-house.sh [--list] [--check] [--root FOLDER]" >&2
        exit 2
        ;;
    esac
    shift
done
cd "$ROOT"

SCRATCH=$(mktemp -d)
trap 'rm -rf "$SCRATCH"' EXIT

# All Rust files, without what git ignores and without generated weights.
generated='^runtime/src/weights/([a-z_]+_weights\.rs$|frame_|pallet_)'
find . \( -name '.?*' -o -path ./target -o -path ./out -o -name node_modules \) -prune -o -name '*.rs' -type f -print |
    sed 's|^\./||' | { grep -vE "$generated" || true; } | sort >"$SCRATCH/files"
mapfile -t files <"$SCRATCH/files"
if [ ${#files[@]} -eq 0 ]; then
    echo "measure-house: no Rust file below $ROOT" >&2
    exit 1
fi

# One record a line, with tabs between its fields: kind, place, text. The kinds are the names of the
# measures, and `use` for a reference from one module to another.
# shellcheck disable=SC2016
awk '
    # Whether the file holds tests, mocks or benchmarks. The sources of the crate `tests` are
    # programs and a library.
    function is_test(path) {
        if (path ~ /^tests\/src\//) return 0
        return path ~ /(^|\/)(tests|benches|benchmarks|mock)\// ||
            path ~ /(^|\/)(tests|mock|benchmarking|benchmarks)\.rs$/
    }

    # Read the modules of a crate root whose files have another place: `#[path = "..."] mod name;`.
    function read_places(root,    folder, line, place) {
        folder = root; sub(/[^\/]*$/, "", folder)
        while ((getline line < root) > 0) {
            if (line ~ /^#\[path = "/) { split(line, place, "\""); continue }
            if (place[2] != "" && match(line, /mod [a-z_0-9]+;$/))
                moved[folder place[2]] = substr(line, RSTART + 4, RLENGTH - 5)
            place[2] = ""
        }
        close(root)
    }

    # The file as a module: "crate folder|path", where the path of a crate root is empty.
    function module_of(path,    at, crate, name) {
        at = match(path, /(^|\/)src\//)
        if (!at) return ""
        if (path in moved) return substr(path, 1, RSTART - 1) "|" moved[path]
        crate = substr(path, 1, RSTART - 1)
        name = substr(path, RSTART + RLENGTH)
        sub(/\.rs$/, "", name)
        sub(/(^|\/)mod$/, "", name)
        gsub(/\//, "::", name)
        if (name == "lib" || name == "main") name = ""
        return crate "|" name
    }

    function columns(text) { gsub(/[\200-\277]/, "", text); return length(text) }
    function trim(text) { sub(/^[ \t]+/, "", text); sub(/[ \t]+$/, "", text); return text }

    # The line without comments and without the insides of strings and characters. A comment goes to
    # `comment`. `mode` names the kind of string or block comment in which the line ends.
    function code_of(line,    out, token, rest, at_end) {
        out = ""; comment = ""; has_comment = 0
        while (line != "") {
            if (mode == "block") {
                if (!match(line, /\*\/|\/\*/)) break
                depth_of_comment += substr(line, RSTART, 1) == "/" ? 1 : -1
                line = substr(line, RSTART + 2)
                if (depth_of_comment == 0) mode = ""
            } else if (mode == "string") {
                if (!match(line, /\\.|"/)) break
                token = substr(line, RSTART, 1)
                line = substr(line, RSTART + RLENGTH)
                if (token == "\"") mode = ""
            } else if (mode == "raw") {
                at_end = index(line, end_of_raw)
                if (!at_end) break
                line = substr(line, at_end + length(end_of_raw))
                mode = ""
            } else {
                if (!match(line, /\/\/|\/\*|r#*"|"|\x27/)) return out line
                token = substr(line, RSTART, RLENGTH)
                out = out substr(line, 1, RSTART - 1)
                rest = substr(line, RSTART + RLENGTH)
                if (token == "//") { comment = rest; has_comment = 1; break }
                if (token == "/*") { mode = "block"; depth_of_comment = 1 }
                else if (token == "\"") { mode = "string"; out = out "\"\"" }
                else if (token == "\x27") {
                    # A character, or else a lifetime.
                    if (match(rest, /^\\(u[{][^}]*[}]|x..|.)\x27/) || match(rest, /^[^\\\x27\200-\377]\x27/) ||
                        match(rest, /^[\300-\377][\200-\277]+\x27/)) rest = substr(rest, RLENGTH + 1)
                    out = out "\x27"
                } else {
                    mode = "raw"
                    end_of_raw = token
                    sub(/^r/, "", end_of_raw)
                    end_of_raw = "\"" substr(end_of_raw, 1, length(end_of_raw) - 1)
                    out = out "\"\""
                }
                line = rest
            }
        }
        return out
    }

    # ---- Headless sentences ----
    function report_headless() { if (pending != "") print "headless\t" pending; pending = "" }
    function end_paragraph() { report_headless(); begins = 1 }
    # `text`: a line of a comment.
    function read_comment(text,    mark) {
        text = trim(text)
        if (text ~ /^```/) { fenced = !fenced; end_paragraph(); return }
        if (fenced) return
        if (text == "") { end_paragraph(); return }
        if (text ~ /^([-*|#]+|[0-9]+\.) /) { end_paragraph(); sub(/^([-*|#]+|[0-9]+\.) +/, "", text) }
        while (text != "") {
            if (begins && text ~ headless_words) pending = FILENAME ":" FNR "\t" text
            # The end of the sentence; a question may begin with these words.
            if (!match(text, /[.?!][])"\x27`*_]*( |$)/)) { begins = 0; return }
            mark = substr(text, RSTART, 1)
            if (mark == "?") pending = ""
            report_headless()
            begins = 1
            text = trim(substr(text, RSTART + RLENGTH))
        }
    }

    # ---- Modules ----
    # The module of crate `crate` that the path leads into; "?" if it leaves the crate.
    function resolve(path,    parts, count, at, i) {
        count = split(path, parts, "::")
        if (parts[1] == "crate") { at = ""; i = 2 }
        else if (parts[1] == "super" || parts[1] == "self") {
            at = here
            for (i = 1; i <= count && (parts[i] == "super" || parts[i] == "self"); i++)
                if (parts[i] == "super" && !sub(/(^|::)[A-Za-z0-9_]+$/, "", at)) return "?"
        } else return "?"
        for (; i <= count; i++) {
            if (!((crate "|" (at == "" ? "" : at "::") parts[i]) in modules)) break
            at = (at == "" ? "" : at "::") parts[i]
        }
        # Inline modules belong to their file.
        while (!((crate "|" at) in modules) && sub(/(^|::)[A-Za-z0-9_]+$/, "", at)) { }
        return at
    }
    function reference(path,    to) {
        if (path !~ /^(crate|super|self)(::|$)/) return
        to = resolve(path)
        if (to != "?" && to != own) print "use\t" FILENAME ":" FNR "\t" crate "|" own "\t" crate "|" to
    }
    # Take a use tree apart: `a::{b, c::{d, e}}`.
    function use_tree(prefix, tree,    open, i, c, nested, part, inner) {
        tree = trim(tree)
        open = index(tree, "{")
        if (!open) {
            sub(/ as .*$/, "", tree)
            sub(/(::)?\*$/, "", tree)
            reference(prefix tree)
            return
        }
        prefix = prefix substr(tree, 1, open - 1)
        inner = substr(tree, open + 1)
        sub(/}[^}]*$/, "", inner)
        nested = 0; part = ""
        for (i = 1; i <= length(inner); i++) {
            c = substr(inner, i, 1)
            if (c == "{") nested++
            if (c == "}") nested--
            if (c == "," && nested == 0) { if (trim(part) != "") use_tree(prefix, part); part = "" }
            else part = part c
        }
        if (trim(part) != "") use_tree(prefix, part)
    }
    # The paths in a line of code.
    function read_paths(text,    path) {
        while (match(text, /(^|[^A-Za-z0-9_:$])(crate|super)(::[A-Za-z_][A-Za-z0-9_]*)+/)) {
            path = substr(text, RSTART, RLENGTH)
            sub(/^[^A-Za-z_]/, "", path)
            reference(path)
            text = substr(text, RSTART + RLENGTH)
        }
    }

    # ---- Functions, and parts under cfg(test) ----
    # One piece of code: what stands before a bracket, a comma or a semicolon.
    function read_piece(text) {
        item = item text
        if (match(text, /(^|[^A-Za-z0-9_])fn[ ]+[A-Za-z_][A-Za-z0-9_]*/)) {
            name = substr(text, RSTART, RLENGTH)
            sub(/^.*fn[ ]+/, "", name)
            if (!skipping) { waiting = name; waiting_line = FNR; waiting_nested = nested }
        }
        if (match(text, /(^|[^A-Za-z0-9_])mod[ ]+[A-Za-z_][A-Za-z0-9_]*/)) {
            name = substr(text, RSTART, RLENGTH)
            sub(/^.*mod[ ]+/, "", name)
            waiting_mod = name
        }
    }
    function read_mark(mark, before) {
        if (mark == "(" || mark == "[") nested++
        else if (mark == ")" || mark == "]") nested--
        else if (mark == "{") {
            # Braces of a constant among generic parameters hold no code.
            if (waiting != "" && (constant_braces || before ~ /<[ \t]*$/ ||
                (before ~ /^[ \t]*$/ && after == FNR ","))) {
                constant_braces++
                return
            }
            braces++
            if (waiting_mod != "" && nested == 0) {
                mod_at[++mods] = braces; mod_name[mods] = waiting_mod; waiting_mod = ""
                here = (here == "" ? "" : here "::") mod_name[mods]
            }
            if (waiting != "" && nested == waiting_nested) {
                at_brace[++functions] = braces
                fn_name[functions] = waiting
                fn_line[functions] = waiting_line
                waiting = ""
            }
        } else if (mark == "}") {
            if (constant_braces) { constant_braces--; return }
            if (functions && at_brace[functions] == braces) {
                all_functions++
                if (FNR - fn_line[functions] + 1 > 50)
                    print "long_functions\t" FILENAME ":" fn_line[functions] "\t" fn_name[functions] ", " \
                        FNR - fn_line[functions] + 1 " lines"
                functions--
            }
            if (mods && mod_at[mods] == braces) {
                mods--
                if (!sub(/(^|::)[A-Za-z0-9_]+$/, "", here)) here = ""
            }
            braces--
            if (skipping && braces == skip_braces && nested == skip_nested && !ends_with_semicolon) skipping = 0
        } else if (mark == ";") {
            if (waiting != "" && nested == waiting_nested) waiting = ""
            waiting_mod = ""
            if (skipping && braces == skip_braces && nested == skip_nested) skipping = 0
        } else if (mark == ",") {
            # The end of a field or of a variant.
            if (skipping && braces == skip_braces && nested == skip_nested &&
                item ~ /^[ \t]*(pub(\([a-z]+\))?[ ]+)?[A-Za-z_0-9]+[ ]*([:({,]|$)/) skipping = 0
        }
        # The block ends that holds the item.
        if (skipping && braces < skip_braces) skipping = 0
        if (mark == ";" || mark == "{" || mark == "}") { if (!skipping) item = "" }
    }
    function read_code(text,    tail) {
        # The attribute leaves out the item after it.
        while (text != "") {
            if (!skipping && match(text, /#\[cfg\((test\)|all\(test,)[^]]*\]/)) {
                tail = substr(text, RSTART + RLENGTH)
                read_marks(substr(text, 1, RSTART - 1))
                skipping = 1; skip_braces = braces; skip_nested = nested; item = ""; ends_with_semicolon = 0
                text = tail
                continue
            }
            read_marks(text)
            text = ""
        }
    }
    function read_marks(text,    mark, before) {
        while (match(text, /[][(){};,]/)) {
            mark = substr(text, RSTART, 1)
            before = substr(text, 1, RSTART - 1)
            text = substr(text, RSTART + 1)
            read_piece(before)
            if (skipping && item !~ /const[ ]+fn[ ]/ &&
                trim(item) ~ /^(pub(\([a-z]+\))?[ ]+)?(use|const|static|let|type)[ ]/)
                ends_with_semicolon = 1
            read_mark(mark, before)
            after = FNR mark
            if (mark != ";" && mark != "}" && mark != "{") item = item mark
        }
        read_piece(text " ")
    }

    BEGIN {
        headless_words = "What|Whatever|Who|Whoever|Whom|Whose|Which|Whichever|How (many|much)"
        headless_words = "^(" headless_words "|So (many|much)|The same of|Just so)([ ,.:;]|$)"
        for (i = 1; i < ARGC; i++) if (ARGV[i] ~ /\/lib\.rs$/) read_places(ARGV[i])
        for (i = 1; i < ARGC; i++) if (!is_test(ARGV[i]) && module_of(ARGV[i]) != "") modules[module_of(ARGV[i])] = 1
    }

    FNR == 1 {
        end_file()
        mode = ""; fenced = 0; end_paragraph(); last_marker = ""
        braces = 0; nested = 0; constant_braces = 0; functions = 0; mods = 0; skipping = 0
        waiting = ""; waiting_mod = ""; item = ""; using = ""
        test = is_test(FILENAME)
        own = module_of(FILENAME); crate = own
        sub(/\|.*$/, "", crate); sub(/^[^|]*\|/, "", own)
        here = own
        in_module = !test && module_of(FILENAME) != ""
        last_file = FILENAME
    }

    {
        lines = FNR
        inside = mode != ""
        code = code_of($0)
        if (has_comment && !inside && code ~ /^[ \t]*$/) {
            marker = comment ~ /^\/([^\/]|$)/ ? "/" : comment ~ /^!/ ? "!" : ""
            if (marker != last_marker) { fenced = 0; end_paragraph() }
            last_marker = marker
            if (marker != "") {
                doc_lines++
                width = columns($0)
                if (width > 100) print "wide_doc_lines\t" FILENAME ":" FNR "\t" width " columns"
            }
            read_comment(substr(comment, length(marker) + 1))
        } else {
            fenced = 0; end_paragraph(); last_marker = "none"
            if (has_comment) { read_comment(comment); end_paragraph() }
        }
        if (test || code ~ /^[ \t]*$/) next

        was_skipping = skipping
        read_code(code)
        if (was_skipping || skipping || !in_module) { using = ""; next }
        # A use declaration may go over several lines.
        if (using == "" && code ~ /^[ \t]*(pub(\([a-z: ]+\))?[ ]+)?use[ ]/) {
            using = code
            sub(/^[ \t]*(pub(\([a-z: ]+\))?[ ]+)?use[ ]+/, "", using)
        } else if (using != "") using = using " " code
        if (using != "") {
            if (using ~ /;/) { sub(/;.*$/, "", using); use_tree("", using); using = "" }
        } else read_paths(code)
    }

    function end_file() {
        report_headless()
        if (last_file == "" || test) return
        if (braces != 0 || nested != 0)
            print "measure-house: the brackets of " last_file " do not match" >"/dev/stderr"
        all_files++
        if (lines > 1000) print "long_files\t" last_file "\t" lines " lines"
    }
    END {
        end_file()
        print "count\tfunctions\t" all_functions + 0
        print "count\tfiles\t" all_files + 0
        print "count\tdocs\t" doc_lines + 0
    }
' "${files[@]}" >"$SCRATCH/records"

# Two modules are in one circle if each can be reached from the other.
# shellcheck disable=SC2016
awk -F '\t' '
    function is_inside(inner, outer,    crate, name, prefix) {
        crate = outer; sub(/\|.*$/, "|", crate)
        name = substr(outer, length(crate) + 1)
        prefix = name == "" ? crate : outer "::"
        return substr(inner, 1, length(prefix)) == prefix
    }
    function shown(module,    crate, name) {
        crate = module; sub(/\|.*$/, "", crate)
        name = substr(module, length(crate) + 2)
        return crate (name == "" ? "" : "::" name)
    }
    $1 == "use" && !is_inside($3, $4) && !is_inside($4, $3) {
        if (!(($3, $4) in place)) {
            place[$3, $4] = $2
            if (!($3 in known)) { known[$3] = 1; order[++count] = $3 }
            targets[$3] = targets[$3] "\n" $4
        }
    }
    # Mark every module that can be reached from `from`.
    function reach(from,    queue, first, last, list, size, i, module) {
        queue[last = 1] = from
        for (first = 1; first <= last; first++) {
            module = queue[first]
            size = split(targets[module], list, "\n")
            for (i = 2; i <= size; i++)
                if (!((from, list[i]) in reached)) { reached[from, list[i]] = 1; queue[++last] = list[i] }
        }
    }
    END {
        for (i = 1; i <= count; i++) reach(order[i])
        for (i = 1; i <= count; i++) {
            one = order[i]
            if ((one in done) || !((one, one) in reached)) continue
            circle = ""
            for (j = i; j <= count; j++)
                if (((one, order[j]) in reached) && ((order[j], one) in reached)) {
                    done[order[j]] = 1
                    circle = circle (circle == "" ? "" : ", ") shown(order[j])
                    member[order[j]] = i
                }
            print "module_circles\t" shown(one) "\t" circle
            for (j = i; j <= count; j++) {
                if (member[order[j]] != i) continue
                size = split(targets[order[j]], list, "\n")
                for (k = 2; k <= size; k++)
                    if (member[list[k]] == i)
                        print "circle_use\t" place[order[j], list[k]] "\t" shown(order[j]) " -> " shown(list[k])
            }
        }
    }
' "$SCRATCH/records" >"$SCRATCH/circles"

# Lines are compared without the space around them. Empty lines and comments are left out.
# shellcheck disable=SC2016
{ grep -E '^pallets/[^/]+/src/(mock\.rs|mock/.*\.rs)$' "$SCRATCH/files" || true; } >"$SCRATCH/mocks"
mapfile -t mocks <"$SCRATCH/mocks"
if [ ${#mocks[@]} -gt 0 ]; then
    # shellcheck disable=SC2016
    awk -v run=4 '
        function end_file(    i, j, text, name) {
            if (file == "") return
            for (i = 1; i + run - 1 <= count; i++) {
                text = line[i]
                for (j = 1; j < run; j++) text = text "\n" line[i + j]
                if (text in seen)
                    for (j = 0; j < run; j++) {
                        repeated[i + j] = 1
                        if (!((i + j) in from)) from[i + j] = seen[text]
                    }
                else own[text] = 1
            }
            for (i = 1; i <= count; i = j) {
                j = i + 1
                if (!(i in repeated)) continue
                while ((j in repeated) && from[j] == from[i]) j++
                text = j - i " lines up to line " at[j - 1] " as in " from[i]
                print "mock_duplicates\t" file ":" at[i] "\t" text "\t" j - i
            }
            for (text in own) seen[text] = file
            split("", own); split("", repeated); split("", from)
            count = 0
        }
        FNR == 1 { end_file(); file = FILENAME }
        {
            gsub(/^[ \t]+|[ \t]+$/, "")
            if ($0 != "" && $0 !~ /^\/\//) { line[++count] = $0; at[count] = FNR }
        }
        END { end_file() }
    ' "${mocks[@]}" >"$SCRATCH/duplicates"
else
    : >"$SCRATCH/duplicates"
fi

# shellcheck disable=SC2016
cat "$SCRATCH/records" "$SCRATCH/circles" "$SCRATCH/duplicates" | awk -F '\t' -v list="$LIST" \
    -v check="$CHECK" -v max_long_functions="$MAX_LONG_FUNCTIONS" -v max_long_files="$MAX_LONG_FILES" \
    -v max_wide_doc_lines="$MAX_WIDE_DOC_LINES" -v max_headless="$MAX_HEADLESS" \
    -v max_module_circles="$MAX_MODULE_CIRCLES" -v max_mock_duplicates="$MAX_MOCK_DUPLICATES" '
    function show(kind, title,    i) {
        if (check && !list) return
        printf "%5d %s\n", number[kind], title
        for (i = 1; list && i <= count[kind]; i++) print place[kind, i]
    }
    function limit(kind, most) {
        if (number[kind] <= most) return
        printf "measure-house: %s=%d, at most %d; scripts/measure-house.sh --list prints the places\n",
            kind, number[kind], most >"/dev/stderr"
        failed = 1
    }
    function percent(part, whole) { return sprintf("%.1f", whole ? 100 * part / whole : 0) }
    $1 == "count" { total[$2] = $3; next }
    $1 == "use" { next }
    $1 == "circle_use" { place["module_circles", ++count["module_circles"]] = "            " $2 ": " $3; next }
    { number[$1] += NF > 3 ? $4 : 1; place[$1, ++count[$1]] = "        " $2 ": " $3 }
    END {
        show("long_functions", "of " total["functions"] " functions have more than 50 lines")
        show("long_files", "of " total["files"] " Rust files have more than 1,000 lines")
        show("wide_doc_lines", "of " total["docs"] " lines of doc comments have more than 100 columns")
        show("headless", "sentences of comments begin with a word such as What or Who")
        show("module_circles", "groups of modules use each other in a circle")
        show("mock_duplicates", "lines of mocks repeat an earlier mock")
        printf "house: long_functions=%d (%s %%) long_files=%d", number["long_functions"],
            percent(number["long_functions"], total["functions"]), number["long_files"]
        printf " wide_doc_lines=%d (%s %%) headless=%d", number["wide_doc_lines"],
            percent(number["wide_doc_lines"], total["docs"]), number["headless"]
        printf " module_circles=%d mock_duplicates=%d\n", number["module_circles"], number["mock_duplicates"]
        if (check) {
            limit("long_functions", max_long_functions)
            limit("long_files", max_long_files)
            limit("wide_doc_lines", max_wide_doc_lines)
            limit("headless", max_headless)
            limit("module_circles", max_module_circles)
            limit("mock_duplicates", max_mock_duplicates)
        }
        exit failed
    }
'
