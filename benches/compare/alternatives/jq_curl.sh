#!/bin/sh
# NDJSON with what is on most machines: jq maps every 5,000 lines, curl posts them.
set -eu
export FILTER='
def number: if type == "string" then gsub(","; "") | tonumber else . end;
def truth: if type == "string"
    then {"true": true, "yes": true, "1": true, "false": false, "no": false, "0": false}[ascii_downcase]
    else . end;
def date: if .[2:3] == "/" then "\(.[6:])-\(.[3:5])-\(.[:2])" else . end;
{items: map({
    id: ."Deal ID", name: ."Deal Name", owner_email: ."Owner Email", amount: .Amount | number,
    currency: .Currency, stage: .Stage, close_date: ."Close Date" | date,
    probability: .Probability | number, is_won: ."Is Won" | truth,
    note: (if .Note == "" then null else .Note end)
})}' URL="$2"
split --lines=5000 --filter='
    jq --compact-output --slurp "$FILTER" |
        curl --silent --fail --output /dev/null --header "Content-Type: application/json" --data-binary @- "$URL"
' "$1"
