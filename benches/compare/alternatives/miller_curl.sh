#!/bin/sh
# CSV with Miller: it maps the records, split takes every 5,000, sed makes one body of them, curl posts it.
set -eu
export URL="$2"
mlr -S --icsv --ojsonl put -q '
    won = tolower(${Is Won});
    deal = {
        "id": ${Deal ID}, "name": ${Deal Name}, "owner_email": ${Owner Email},
        "amount": float(gsub($Amount, ",", "")), "currency": $Currency, "stage": $Stage,
        "close_date": sub(${Close Date}, "^(..)/(..)/(....)$", "\3-\2-\1"),
        "probability": float($Probability),
        "is_won": won == "true" || won == "yes" || won == "1",
    };
    if ($Note != "") {
        deal["note"] = $Note
    }
    emit deal
' "$1" | split --lines=5000 --filter='
    sed -e "1s/^/{\"items\":[/" -e "\$!s/\$/,/" -e "\$s/\$/]}/" |
        curl --silent --fail --output /dev/null --header "Content-Type: application/json" --data-binary @- "$URL"
'
