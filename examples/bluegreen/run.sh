#!/usr/bin/env bash
# run.sh: applies the stack (by terraform where it is on PATH, else by the aws CLI alone), deploys the other colour with `aws ecs
# deploy`, and prints second by second who answered: blue, green, nobody. Then it loads the service until its alarm scales it out,
# stops, and shows how it scales in. `run.sh --delete` deletes the stack.
# Options: --data-dir DIR (default /var/lib/gantry), --rate N (policy seconds a second makes meanwhile; default 60, so that the ten
# minutes that blue waits are ten seconds, and cool-downs too), --no-terraform, --no-load (ends after the deployment).
set -euo pipefail
cd "$(dirname "$0")"
data_dir=/var/lib/gantry rate=60 terraform=$(command -v terraform || true) delete= load=yes
while [ $# -gt 0 ]; do
    case "$1" in
        --data-dir) data_dir=$2; shift 2 ;;
        --rate) rate=$2; shift 2 ;;
        --no-terraform) terraform=; shift ;;
        --no-load) load=; shift ;;
        --delete) delete=yes; shift ;;
        -h | --help) sed -n '2,6p' "$0" | cut -c3-; exit 0 ;;
        *) echo "run.sh: unknown option $1" >&2; exit 2 ;;
    esac
done
gantry=$PWD/../../build/gantry
PATH=$PWD/../../build/venv/bin:$PATH
"$gantry" status --data-dir "$data_dir" >/dev/null || { echo "run.sh: start the server first (quickstart.sh, gantry up)" >&2; exit 1; }
eval "$("$gantry" env --data-dir "$data_dir" --region ap-northeast-1)"
export AWS_PAGER= AWS_EC2_METADATA_DISABLED=true
work=$PWD/../../build/bluegreen
mkdir -p "$work"

with_terraform() { terraform -chdir="$work" "$@"; }
applied() { [ -s "$work/terraform.tfstate" ] && [ -n "$(with_terraform state list 2>/dev/null)" ]; }

if [ -n "$delete" ]; then
    if applied; then
        with_terraform destroy -auto-approve -input=false -var terraform_task_definition=true
    else
        ./stack.sh delete
    fi
    exit 0
fi

../nginx/make_image.sh ../../build/nginx-image.tar
"$gantry" image load --data-dir "$data_dir" ../../build/nginx-image.tar
there=$(aws ecs describe-services --cluster test-nginx-cluster --services test-nginx --output text \
    --query 'services[?status==`ACTIVE`].deploymentController.type' 2>/dev/null || true)
if [ -n "$terraform" ] && cp stack/*.tf "$work/" && ! with_terraform init -input=false >"$work/init.out" 2>&1; then
    tail -5 "$work/init.out" >&2
    echo "terraform cannot be used here (no AWS provider): the aws CLI makes the stack" >&2
    terraform=
fi
if [ "$there" != CODE_DEPLOY ] || applied; then
    if [ -n "$terraform" ]; then
        with_terraform apply -auto-approve -input=false -var terraform_task_definition=true
    else
        ./stack.sh make
    fi
fi
name=$(aws elbv2 describe-load-balancers --names test-nginx-lb --query 'LoadBalancers[0].DNSName' --output text)
url=http://$name:8081/
curl -sS --retry 60 --retry-all-errors --retry-delay 1 --max-time 5 -o "$work/answer" "$url"
old=$(cat "$work/answer")
new=$([ "$old" = blue ] && echo green || echo blue)
echo "$url answers $old; $new is deployed"

sed "s/echo blue/echo $new/" ../article/task-definitions.json >"$work/$new.json"
rm -f "$work/over"
: >"$work/deploy.out"
echo "begins" >"$work/stage"

# Where the deployment is, as GetDeploymentTarget says.
follow() {
    local id status event former
    until id=$(grep -om1 'd-[A-Z0-9]\{9\}' "$work/deploy.out"); do
        kill -0 "$deploy" 2>/dev/null || { touch "$work/over"; return; }
        sleep 0.2
    done
    while :; do
        read -r status event former < <(aws deploy get-deployment-target --deployment-id "$id" --output text \
            --target-id test-nginx-cluster:test-nginx --query "deploymentTarget.ecsTarget.[status,
                (lifecycleEvents[?status=='InProgress'].lifecycleEventName)[0],
                (taskSetsInfo[?taskSetLabel=='Blue'].status)[0]]") || status=Unknown
        [ "${event:-None}" != None ] || event="$old waits, in case traffic must return"
        [ "${former:-None}" != DRAINING ] || event="$old drains and ends"
        case "$status" in
            Pending | InProgress | Ready) echo "$event" >"$work/stage" ;;
            *) echo "$status" >"$work/stage"; touch "$work/over"; return ;;
        esac
    done
}

"$gantry" clock rate "$rate" --data-dir "$data_dir"
trap '"$gantry" clock rate 1 --data-dir "$data_dir" >/dev/null' EXIT
aws ecs deploy --cluster test-nginx-cluster --service test-nginx --task-definition "$work/$new.json" \
    --codedeploy-appspec appspec.yaml --codedeploy-application test-ecs \
    --codedeploy-deployment-group test-bg-deploy-dg >"$work/deploy.out" 2>&1 &
deploy=$!
follow &

declare -A second=([blue]=0 [green]=0 [failed]=0) total=([blue]=0 [green]=0 [failed]=0)
start=$SECONDS now=0 last=
while :; do
    answer=$(curl -sSf --max-time 5 "$url" 2>&1) || answer=failed
    case "$answer" in blue | green) ;; *) answer=failed ;; esac
    second[$answer]=$((second[$answer] + 1))
    [ $((SECONDS - start)) != "$now" ] || continue
    stage=$(cat "$work/stage")
    printf '%4d s   blue %4d   green %4d   failed %d   %s\n' "$now" "${second[blue]}" "${second[green]}" "${second[failed]}" \
        "$([ "$stage" = "$last" ] || echo "$stage")"
    last=$stage now=$((SECONDS - start))
    for who in blue green failed; do
        total[$who]=$((total[$who] + second[$who]))
        second[$who]=0
    done
    [ ! -e "$work/over" ] || break
done
echo " total   blue ${total[blue]}   green ${total[green]}   failed ${total[failed]}"
wait "$deploy" || { cat "$work/deploy.out" >&2; exit 1; }
cat "$work/deploy.out"
[ "${total[failed]}" = 0 ]
[ -z "$load" ] || ./scale.sh "$gantry" "$data_dir" "${url}work"
