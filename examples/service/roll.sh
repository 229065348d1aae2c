#!/usr/bin/env bash
# roll.sh CLUSTER SERVICE REVISION URL: rolls the service to the revision while a loop of requests prints what answers,
# and says how many failed. The environment says which server (gantry env).
set -euo pipefail
cluster=$1 service=$2 revision=$3 url=$4
answers=$(mktemp)
trap 'rm -f "$answers"' EXIT

stable() {
    local state
    state=$(aws ecs describe-services --cluster "$cluster" --services "$service" --output text \
        --query 'services[0].[length(deployments), runningCount, desiredCount, deployments[0].rolloutState]')
    [ "$(echo "$state" | cut -f1)" = 1 ] && [ "$(echo "$state" | cut -f2)" = "$(echo "$state" | cut -f3)" ] &&
        [ "$(echo "$state" | cut -f4)" = COMPLETED ]
}

aws ecs update-service --cluster "$cluster" --service "$service" --task-definition "$revision" \
    --query 'service.deployments[0].rolloutState' --output text
last='' since=$SECONDS
# A look at the service costs a second of the CLI; between two looks a batch of requests goes out.
until stable; do
    [ $((SECONDS - since)) -lt 600 ] || { echo "the roll did not end within ten minutes" >&2; exit 1; }
    for _ in $(seq 50); do
        answer=$(curl -sS --max-time 5 "$url" 2>&1) || answer="FAILED: $answer"
        echo "$answer" >>"$answers"
        if [ "$answer" != "$last" ]; then
            printf '%4d s  %s\n' $((SECONDS - since)) "$answer"
            last=$answer
        fi
    done
done
echo "requests by answer:"
sort "$answers" | uniq -c
! grep -q FAILED "$answers"
