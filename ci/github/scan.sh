#!/usr/bin/env bash
# Scans for the action: writes SARIF, the job's summary and annotations, and tells akid's exit code as an output.
#
# Takes AKID (the program) and AKID_* (the action's inputs), EVENT, *_SHA, *_REPOSITORY and DEFAULT_BRANCH (what GitHub
# says of the event), and what GitHub sets. Ends with 0 unless the inputs are wrong: the action's last step fails.
set -euo pipefail

folder=$(mktemp -d "${RUNNER_TEMP:-/tmp}/akid.XXXXXX")
sarif=$folder/akid.sarif
annotations=$folder/annotations
summary=$folder/summary.md
log=$folder/log

# A message as workflow commands want it.
escaped() {
    sed -e 's/%/%25/g' -e 's/\r/%0D/g' | awk '{ printf "%s%s", (NR > 1 ? "%0A" : ""), $0 }'
}

die() {
    echo "::error title=akid::$*"
    exit 2
}

is_commit() {
    [[ ${1:-} =~ ^[0-9a-f]{40}([0-9a-f]{24})?$ && ! $1 =~ ^0+$ ]]
}

what=$AKID_SCAN
if [ "$what" = auto ]; then
    case $EVENT in
        pull_request | pull_request_target | merge_group) what=range ;;
        *) what=tree ;;
    esac
fi

cd -- "$AKID_FOLDER"
case $what in
    tree) command=(scan .) ;;
    history) command=(history .) ;;
    range)
        if is_commit "${BASE_SHA:-}"; then
            range=$BASE_SHA..$HEAD_SHA
        elif is_commit "${BEFORE_SHA:-}"; then
            range=$BEFORE_SHA..$HEAD_SHA
        elif [ "$EVENT" = push ] && [ "${GITHUB_REF_NAME:-}" != "${DEFAULT_BRANCH:-}" ]; then
            # A new branch: what the default branch does not have.
            range=refs/remotes/origin/$DEFAULT_BRANCH..$HEAD_SHA
        else
            range=$HEAD_SHA
        fi
        command=(history . --range "$range")
        ;;
    *) die "scan: not one of auto, range, tree, history" ;;
esac

options=()
[ -z "${AKID_FAIL_ON:-}" ] || options+=("--fail-on=$AKID_FAIL_ON")
[ -z "${AKID_MIN_CONFIDENCE:-}" ] || options+=("--min-confidence=$AKID_MIN_CONFIDENCE")
[ -z "${AKID_BASELINE:-}" ] || options+=("--baseline=$AKID_BASELINE")
[ -z "${AKID_CATEGORY:-}" ] || options+=("--sarif-category=$AKID_CATEGORY")
# All lines of it: there is no end mark to read up to, so that reading always fails.
IFS=$' \t\r\n' read -r -d '' -a accounts <<<"${AKID_OWN_ACCOUNTS:-}" || true
for account in ${accounts[@]+"${accounts[@]}"}; do
    options+=("--own-account=$account")
done

# A stranger's pull request says nothing about what is allowed: the base does. It may not upload either.
is_fork=no
if is_commit "${BASE_SHA:-}" && [ "$EVENT" != merge_group ] && [ "${HEAD_REPOSITORY:-}" != "$BASE_REPOSITORY" ]; then
    is_fork=yes
    options+=("--config-from=$BASE_SHA" --no-inline-allow)
fi

# Names of files are in the log, and GitHub takes lines that look like commands for commands: it is told to stop that,
# up to a word that nobody can guess.
word=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
code=0
echo "::stop-commands::$word"
"$AKID" "${command[@]}" ${options[@]+"${options[@]}"} -o text:- -o "sarif:$sarif" -o "github:$annotations" \
    -o "markdown:$summary" --color never --progress never 2>"$log" || code=$?
cat "$log"
echo
echo "::$word::"

if [ -s "$annotations" ]; then
    cat "$annotations"
    # Others may have written to the summary of this step: it is not ours alone.
    cat "$summary" >>"$GITHUB_STEP_SUMMARY"
else
    echo "::error title=akid::$(escaped <"$log")"
    { echo "### akid did not scan"; echo; sed 's/^/    /' "$log"; } >>"$GITHUB_STEP_SUMMARY"
fi
if grep -q 'shallow clone' "$log"; then
    echo "::warning title=akid::This is a shallow clone, so akid does not see all commits: set \`fetch-depth: 0\` at actions/checkout."
fi

upload=no
if [ -s "$sarif" ]; then
    if [ "$is_fork" = yes ]; then
        echo "A fork's pull request may not upload to code scanning: the annotations and the summary tell what was found."
    elif [ "${GITHUB_ACTOR:-}" = "dependabot[bot]" ]; then
        echo "Dependabot may not upload to code scanning: the annotations and the summary tell what was found."
    elif [ "${AKID_UPLOAD:-auto}" != never ]; then
        upload=yes
    fi
else
    sarif=
fi
{
    echo "exit-code=$code"
    echo "sarif=$sarif"
    echo "upload=$upload"
} >>"$GITHUB_OUTPUT"
