#!/usr/bin/env bash
# Scans for the action: writes SARIF, the job's summary and annotations, and tells akid's exit code as an output.
#
# Takes AKID (the program) and AKID_* (the action's inputs), EVENT, *_SHA, *_REPOSITORY and DEFAULT_BRANCH (what GitHub
# says of the event), and what GitHub sets. Ends with 0, since the action's last step fails, unless the inputs are wrong or
# commits are not there.
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
    { echo "### akid did not scan"; echo; echo "$*"; } >>"$GITHUB_STEP_SUMMARY"
    echo "exit-code=2" >>"$GITHUB_OUTPUT"
    exit 2
}

is_commit() {
    [[ ${1:-} =~ ^[0-9a-f]{40}([0-9a-f]{24})?$ && ! $1 =~ ^0+$ ]]
}

# git, for reading. It looks for no repository: what is checked out might hold one of its own, and in a container it
# would mind who owns it.
git_here() {
    GIT_NO_LAZY_FETCH=1 git --git-dir="$repository" "$@" 2>/dev/null
}

need_repository() {
    git_here rev-parse || die "path: there is no git repository there: actions/checkout makes one"
}

is_here() {
    git_here cat-file -e "$1^{commit}"
}

is_shallow() {
    [ "$(git_here rev-parse --is-shallow-repository)" = true ]
}

# Whether commits of the range may be missing: whether one of them is where a shallow clone ends.
is_cut() {
    local commits
    is_shallow || return 1
    commits=$(git_here rev-list "$range") || return 0
    grep -qFxf "$(git_here rev-parse --git-path shallow)" <<<"$commits"
}

die_shallow() {
    die "this is a shallow clone, which does not have all the commits to scan: set \`fetch-depth: 0\` at actions/checkout"
}

tell_forced() {
    local scanned=everything
    [ -z "$1" ] || scanned="what the default branch does not have"
    echo "::notice title=akid::The commit before this push is not here, as after a forced push: $scanned is scanned."
}

# Sets `range`: what the pull request, the merge group or the push brings.
choose_range() {
    local from='' commit
    if is_commit "${BASE_SHA:-}"; then
        from=$BASE_SHA
    elif is_commit "${BEFORE_SHA:-}" && { is_shallow || is_here "$BEFORE_SHA"; }; then
        from=$BEFORE_SHA
    elif [ "$EVENT" = push ]; then
        # A new branch, or one whose former commits nothing leads to any more: what the default branch does not have.
        [ "${GITHUB_REF_NAME:-}" = "${DEFAULT_BRANCH:-}" ] || from=refs/remotes/origin/$DEFAULT_BRANCH
        ! is_commit "${BEFORE_SHA:-}" || tell_forced "$from"
    fi
    range=${from:+$from..}$HEAD_SHA

    for commit in ${from:+"$from"} "$HEAD_SHA"; do
        is_here "$commit" && continue
        ! is_shallow || die_shallow
        [ "$EVENT" != pull_request_target ] ||
            die "\`pull_request_target\` checks out the base, not what is to be scanned: set \`ref: refs/pull/\${{ github.event.number }}/head\` at actions/checkout"
        die "a commit to scan is not in the checkout: set \`fetch-depth: 0\` at actions/checkout"
    done
    ! is_cut || die_shallow
}

# Makes `baseline` a path from the repository's top: such a one akid takes from the commit of the base. What is absolute
# it would read where it is, in the checkout, and so from the fork.
take_baseline_from_base() {
    local IFS=/ part plain=''
    [[ $baseline == /* || $baseline == [A-Za-z]:* ]] || baseline=$PWD/$baseline
    set -f
    for part in $baseline; do
        case $part in
            '' | .) ;;
            ..) plain=${plain%/*} ;;
            *) plain+=/$part ;;
        esac
    done
    set +f
    [[ -n $top && $plain == "$top"/* ]] ||
        die "baseline: that of a fork's pull request is taken from its base: give the path from \`path\`, within the repository"
    baseline=${plain#"$top"/}
    [ -n "$(git_here --literal-pathspecs ls-tree "$BASE_SHA" -- "$baseline")" ] ||
        echo "::notice title=akid::The base of this pull request does not have the baseline: nothing counts as known."
}

what=$AKID_SCAN
if [ "$what" = auto ]; then
    case $EVENT in
        pull_request | pull_request_target | merge_group) what=range ;;
        *) what=tree ;;
    esac
fi

cd -- "$AKID_FOLDER" 2>/dev/null || die "path: there is no folder there"
top=$PWD
until [ -e "$top/.git" ] || [ -z "$top" ]; do top=${top%/*}; done
repository=$PWD
[ -z "$top" ] || repository=$top/.git

case $what in
    tree) command=(scan .) ;;
    history)
        need_repository
        ! is_shallow || die_shallow
        command=(history .)
        ;;
    range)
        need_repository
        choose_range
        command=(history . --range "$range")
        ;;
    *) die "scan: not one of auto, range, tree, history" ;;
esac

options=()
[ -z "${AKID_FAIL_ON:-}" ] || options+=("--fail-on=$AKID_FAIL_ON")
[ -z "${AKID_MIN_CONFIDENCE:-}" ] || options+=("--min-confidence=$AKID_MIN_CONFIDENCE")
# Code scanning compares a pull request with the analysis of its base that has the same category: that of the tree.
category=${AKID_CATEGORY:-}
is_of_push=no
if [ "$what" = range ]; then
    case $EVENT in
        pull_request | pull_request_target | merge_group) category=${category:-akid/tree} ;;
        *) is_of_push=yes ;;
    esac
fi
[ -z "$category" ] || options+=("--sarif-category=$category")
# All lines of it: there is no end mark to read up to, so that reading always fails.
IFS=$' \t\r\n' read -r -d '' -a accounts <<<"${AKID_OWN_ACCOUNTS:-}" || true
for account in ${accounts[@]+"${accounts[@]}"}; do
    options+=("--own-account=$account")
done

# A stranger's pull request says nothing about what is allowed: the base does. It may not upload either.
is_fork=no
baseline=${AKID_BASELINE:-}
if is_commit "${BASE_SHA:-}" && [ "$EVENT" != merge_group ] && [ "${HEAD_REPOSITORY:-}" != "$BASE_REPOSITORY" ]; then
    is_fork=yes
    options+=("--config-from=$BASE_SHA" --no-inline-allow)
    [ -z "$baseline" ] || take_baseline_from_base
fi
[ -z "$baseline" ] || options+=("--baseline=$baseline")

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

upload=no
if [ -s "$sarif" ]; then
    if [ "$is_fork" = yes ]; then
        echo "A fork's pull request may not upload to code scanning: the annotations and the summary tell what was found."
    elif [ "${GITHUB_ACTOR:-}" = "dependabot[bot]" ]; then
        echo "Dependabot may not upload to code scanning: the annotations and the summary tell what was found."
    elif [ "${AKID_UPLOAD:-auto}" = never ]; then
        :
    elif [ "$is_of_push" = yes ]; then
        echo "The range of a push is not uploaded to code scanning: it would close the alerts of everything else."
    elif [ "$code" -gt 1 ]; then
        # Code scanning closes every alert that an upload does not repeat.
        echo "The scan is incomplete and is not uploaded, because that would close alerts that were not looked at."
    else
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
