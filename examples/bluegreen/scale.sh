#!/usr/bin/env bash
# scale.sh GANTRY DATA_DIR URL: asks URL, which costs the service processor time, until an alarm has scaled it out; then it waits until
# the other alarm has scaled it in. A line every few seconds: the service's load as its alarms see it, its tasks, and why their number
# was changed last. The environment says which server (gantry env).
set -euo pipefail
gantry=$1 data_dir=$2 url=$3
work=$(mktemp -d)
load=
stop_load() { [ -z "$load" ] || kill "$load" 2>/dev/null || true; load=; }
trap 'stop_load; rm -rf "$work"' EXIT

# All three at once: the aws CLI takes its time.
look() {
    local end
    end=$("$gantry" clock now --data-dir "$data_dir" | grep -om1 '20[0-9-]*T[0-9:]*')
    local readers=()
    aws cloudwatch get-metric-statistics --namespace AWS/ECS --metric-name CPUUtilization --period 60 --statistics Average \
        --dimensions Name=ClusterName,Value=test-nginx-cluster Name=ServiceName,Value=test-nginx \
        --start-time "$(date -u -d "${end}Z - 5 minutes" +%FT%TZ)" --end-time "${end}Z" --output text \
        --query 'sort_by(Datapoints, &Timestamp)[-1].Average' >"$work/cpu" &
    readers+=($!)
    aws application-autoscaling describe-scaling-activities --service-namespace ecs --max-results 1 --output text \
        --resource-id service/test-nginx-cluster/test-nginx --query 'ScalingActivities[0].Cause' >"$work/cause" &
    readers+=($!)
    aws ecs describe-services --cluster test-nginx-cluster --services test-nginx --output text \
        --query 'services[0].[desiredCount,runningCount]' >"$work/tasks"
    wait "${readers[@]}"
    cpu=$(cut -d. -f1 "$work/cpu") cause=$(cat "$work/cause")
    read -r desired running <"$work/tasks"
    [ "$cpu" != None ] || cpu=
}

bar() {
    local length=$((${1:-0} / 5))
    [ "$length" -le 20 ] || length=20
    printf '%*s' "$length" '' | tr ' ' '#'
}

# Until the condition holds.
watch_until() {
    local what=$1
    while [ $((SECONDS - start)) -lt 900 ]; do
        look
        printf '%4d s   %3s %% %-20s   %d of %d tasks %-8s %s\n' $((SECONDS - start)) "${cpu:--}" "$(bar "$cpu")" "$running" "$desired" \
            "$(printf '%*s' "$running" '' | tr ' ' '*')" "$([ "$cause" = "$told" ] || echo "$cause")"
        told=$cause
        ! eval "$2" || return 0
        sleep 2
    done
    echo "scale.sh: not within 15 minutes: $what" >&2
    return 1
}

start=$SECONDS
look
least=$desired told=$cause
echo "$url is asked by eight clients at once; at 60 % of its processor the service grows"
# A connection for each request, so that new tasks get their share.
curl -sS -Z --parallel-max 8 --connect-timeout 5 --max-time 86400 -H 'Connection: close' -H 'Accept-Encoding: gzip' -o /dev/null \
    "$url?[1-100000000]" >/dev/null 2>&1 &
load=$!
watch_until "the service has grown" '[ "$desired" -gt "$least" ] && [ "$running" = "$desired" ]'
stop_load
echo "nobody asks any more; at 30 % it shrinks, when its cool-down is over"
watch_until "the service has shrunk" '[ "$desired" = "$least" ] && [ "$running" = "$desired" ]'
