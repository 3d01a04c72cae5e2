#!/bin/sh
# A push as a scheduler wants it: tries again where that helps, and ends with another code than 0 where a
# person has to look. docs/unattended.md says which code is which.
#
#   push.sh deals.csv --mapping deals.toml --all --debounce 900
#
# What follows is what `qobra-push` takes; `--wait` is added. The state folder, the key and the address
# come from the environment, since `resume` needs them too. Give each job a state folder of its own: then
# there is one push that `resume` can mean. Files only, no standard input: it cannot be read twice.
#
#   PUSH_TRIES=10   how often it is tried again         PUSH_PAUSE=60   seconds before each of them
#   PUSH_QUIET=1    nothing is printed when all is well, everything when it is not
set -u
tries=${PUSH_TRIES:-10}
work=$(mktemp -d) || exit 1
child='' stopped=''

# shellcheck disable=SC2317 # the trap calls it
finish() {
    code=$?
    if [ -f "$work/log" ] && [ "$code" -ne 0 ]; then
        echo "exit code $code" >&3
        cat "$work/log" >&3
    fi
    rm -rf "$work"
    exit "$code"
}
trap finish EXIT
# Whoever stops this script means the push, which has ten seconds then to say what the table will hold.
trap 'stopped=1; kill -TERM "$child" 2>/dev/null' INT TERM
[ -z "${PUSH_QUIET:-}" ] || exec 3>&1 >"$work/log" 2>&1

# Waits for what runs in the background, which a signal to this script does not end by itself.
await() {
    child=$!
    while
        wait "$child"
        code=$?
        [ "$code" -gt 128 ] && kill -0 "$child" 2>/dev/null
    do :; done
}

run() {
    qobra-push "$@" --wait >"$work/out" &
    await
    cat "$work/out"
}

run "$@"
while [ "$code" -ne 0 ] && [ "$tries" -gt 0 ] && [ -z "$stopped" ]; do
    case $code in
    5 | 9) next=push ;;                 # nothing was sent: later
    6 | 130 | 137 | 143) next=resume ;; # ended in the middle, or was killed
    8) next=status ;;                   # all is sent, the end was not seen
    *) break ;;                         # no try changes that
    esac
    tries=$((tries - 1))
    sleep "${PUSH_PAUSE:-60}" &
    await
    [ -z "$stopped" ] || exit 143
    if [ "$next" = push ]; then
        run "$@"
        continue
    fi
    run "$next"
    # Stopped before its first request, or while it only waited, a push leaves nothing to resume, which
    # prints no import. Which of both it was is not asked: the same line again is right.
    if [ "$next" = resume ] && [ "$code" -eq 0 ] && [ ! -s "$work/out" ]; then
        run "$@"
    fi
done
exit "$code"
