#!/usr/bin/env bash
# One command from a fresh Debian 12 (root) to a real nginx task, run by the unmodified aws CLI and answering from its own
# network address. Every command is printed before it runs. It ends with the server running, and where somebody is there to
# ask, offers a blue/green deployment (examples/bluegreen). Options: --data-dir DIR (default /var/lib/gantry),
# --listen ADDRESS:PORT (default 127.0.0.1:4566), --bluegreen (yes, without asking).
set -euo pipefail
cd "$(dirname "$0")"
data_dir=/var/lib/gantry
listen=127.0.0.1:4566
bluegreen=
while [ $# -gt 0 ]; do
    case "$1" in
        --data-dir) data_dir=$2; shift 2 ;;
        --listen) listen=$2; shift 2 ;;
        --bluegreen) bluegreen=yes; shift ;;
        -h | --help) sed -n '2,5p' "$0" | cut -c3-; exit 0 ;;
        *) echo "quickstart.sh: unknown option $1" >&2; exit 2 ;;
    esac
done
[ "$(id -u)" = 0 ] || { echo "quickstart.sh: run it as root: it makes containers and network namespaces" >&2; exit 1; }

say() { printf '\n\033[1m== %s\033[0m\n' "$*"; }
# Prints a command as it could be typed, then runs it.
run() {
    printf '\033[36m$' >&2
    printf ' %s' "${@@Q}" | sed "s/ '\([-A-Za-z0-9_.,:/=]*\)'/ \1/g" >&2
    printf '\033[0m\n' >&2
    "$@"
}

./setup.sh
gantry=$PWD/build/gantry
PATH=$PWD/build/venv/bin:$PATH
if [ -x build/venv/bin/aws ]; then hash -r; fi

say "the server"
if "$gantry" status --data-dir "$data_dir" >/dev/null 2>&1; then
    echo "already running"
else
    mkdir -p "$data_dir"
    echo "\$ gantry up --data-dir $data_dir --listen $listen --region ap-northeast-1 >$data_dir/gantry.log 2>&1 &" >&2
    setsid nohup "$gantry" up --data-dir "$data_dir" --listen "$listen" --region ap-northeast-1 \
        >"$data_dir/gantry.log" 2>&1 </dev/null &
    server=$!
    if ! "$gantry" status --data-dir "$data_dir" --wait 60 >/dev/null; then
        tail -20 "$data_dir/gantry.log" >&2
        kill "$server" 2>/dev/null || true
        exit 1
    fi
fi
eval "$("$gantry" env --data-dir "$data_dir" --region ap-northeast-1)"
export AWS_PAGER=

say "an image"
run examples/nginx/make_image.sh build/nginx-image.tar
run "$gantry" image load --data-dir "$data_dir" build/nginx-image.tar

say "a log group, a cluster, and a security group that lets port 80 in"
groups=$(run aws logs describe-log-groups --log-group-name-prefix /ecs/test-nginx \
    --query "logGroups[?logGroupName=='/ecs/test-nginx'].logGroupName" --output text)
[ -n "$groups" ] || run aws logs create-log-group --log-group-name /ecs/test-nginx
run aws ecs create-cluster --cluster-name test-nginx-cluster --query cluster.status --output text

# Prints the first free /16 when the host's own network overlaps the default VPC.
free_cidr() {
    python3 - "$@" <<'PY'
import ipaddress, json, subprocess, sys
used = []
for family in ("route", "addr"):
    for item in json.loads(subprocess.run(["ip", "-4", "-j", family], capture_output=True, text=True).stdout or "[]"):
        if family == "route" and item["dst"] != "default" and item.get("dev") != None:
            if not item["dev"].startswith("gh"):
                used.append(ipaddress.ip_network(item["dst"], strict=False))
for line in open("/etc/resolv.conf"):
    words = line.split()
    if len(words) > 1 and words[0] == "nameserver" and "." in words[1]:
        used.append(ipaddress.ip_network(words[1]))
default = ipaddress.ip_network("172.31.0.0/16")
candidates = [default] + [ipaddress.ip_network(f"10.{n}.0.0/16") for n in range(64, 128)]
for candidate in candidates:
    if not any(candidate.overlaps(net) for net in used):
        print("" if candidate == default else candidate)
        break
else:
    sys.exit("no free private /16 on this host")
PY
}
cidr=$(free_cidr)
if [ -z "$cidr" ]; then
    vpc=$(run aws ec2 describe-vpcs --filters Name=is-default,Values=true --query 'Vpcs[0].VpcId' --output text)
    subnet=$(run aws ec2 describe-subnets --filters "Name=vpc-id,Values=$vpc" --query 'Subnets[0].SubnetId' --output text)
else
    echo "The default VPC's 172.31.0.0/16 overlaps this host's own network: using a VPC with $cidr instead."
    vpc=$(run aws ec2 describe-vpcs --filters Name=tag:Name,Values=quickstart --query 'Vpcs[0].VpcId' --output text)
    if [ "$vpc" = None ]; then
        vpc=$(run aws ec2 create-vpc --cidr-block "$cidr" \
            --tag-specifications 'ResourceType=vpc,Tags=[{Key=Name,Value=quickstart}]' --query Vpc.VpcId --output text)
        run aws ec2 create-subnet --vpc-id "$vpc" --cidr-block "${cidr%/16}/20" --query Subnet.SubnetId --output text
    fi
    # Load balancers that face the outside want one.
    gateway=$(run aws ec2 describe-internet-gateways --filters "Name=attachment.vpc-id,Values=$vpc" \
        --query 'InternetGateways[0].InternetGatewayId' --output text)
    if [ "$gateway" = None ]; then
        gateway=$(run aws ec2 create-internet-gateway --query InternetGateway.InternetGatewayId --output text)
        run aws ec2 attach-internet-gateway --internet-gateway-id "$gateway" --vpc-id "$vpc"
    fi
    subnet=$(run aws ec2 describe-subnets --filters "Name=vpc-id,Values=$vpc" --query 'Subnets[0].SubnetId' --output text)
fi
group=$(run aws ec2 describe-security-groups --filters "Name=vpc-id,Values=$vpc" Name=group-name,Values=quickstart-http \
    --query 'SecurityGroups[0].GroupId' --output text)
if [ "$group" = None ]; then
    group=$(run aws ec2 create-security-group --group-name quickstart-http --description "http to the tasks" \
        --vpc-id "$vpc" --query GroupId --output text)
    run aws ec2 authorize-security-group-ingress --group-id "$group" --protocol tcp --port 80 --cidr 0.0.0.0/0 \
        --query Return --output text
fi

say "the article's task definition, and a task of it on Fargate"
revision=$(run aws ecs register-task-definition --cli-input-json file://examples/article/task-definitions.json \
    --query taskDefinition.revision --output text)
task=$(run aws ecs run-task --cluster test-nginx-cluster --launch-type FARGATE --task-definition "test-nginx:$revision" \
    --network-configuration "awsvpcConfiguration={subnets=[$subnet],securityGroups=[$group]}" \
    --query 'tasks[0].taskArn' --output text)
run aws ecs wait tasks-running --cluster test-nginx-cluster --tasks "$task"
address=$(run aws ecs describe-tasks --cluster test-nginx-cluster --tasks "$task" \
    --query 'tasks[0].attachments[0].details[?name==`privateIPv4Address`].value' --output text)

say "it answers from its own address"
# RUNNING says that the container runs; nginx opens its port a moment later.
run curl -sS --retry 20 --retry-connrefused --retry-delay 1 --max-time 5 "http://$address/"

say "its log"
stream="test-nginx/test-nginx/${task##*/}"
for _ in $(seq 50); do
    lines=$(aws logs get-log-events --log-group-name /ecs/test-nginx --log-stream-name "$stream" \
        --query 'events[].message' --output text 2>/dev/null || true)
    case "$lines" in *"GET / HTTP"*) break ;; esac
done
run aws logs get-log-events --log-group-name /ecs/test-nginx --log-stream-name "$stream" \
    --query 'events[].message' --output text
case "$lines" in *"GET / HTTP"*) ;; *) echo "the request's access line is missing" >&2; exit 1 ;; esac

say "stop it"
run aws ecs stop-task --cluster test-nginx-cluster --task "$task" --query task.desiredStatus --output text
run aws ecs wait tasks-stopped --cluster test-nginx-cluster --tasks "$task"
run aws ecs describe-tasks --cluster test-nginx-cluster --tasks "$task" \
    --query 'tasks[0].[lastStatus,stopCode,stoppedReason]' --output text

say "the same as a service: two tasks behind a network load balancer on port 8081"
# A load balancer has an address in each of its subnets.
subnets=$(aws ec2 describe-subnets --filters "Name=vpc-id,Values=$vpc" --query 'Subnets[:2].SubnetId' --output text)
balancer=$(run aws elbv2 create-load-balancer --name test-nginx-lb --type network --subnets $subnets \
    --query 'LoadBalancers[0].LoadBalancerArn' --output text)
target_group=$(run aws elbv2 create-target-group --name blue-nlb-tg --protocol TCP --port 80 --vpc-id "$vpc" \
    --target-type ip --health-check-interval-seconds 5 --health-check-timeout-seconds 2 --healthy-threshold-count 2 --unhealthy-threshold-count 2 \
    --query 'TargetGroups[0].TargetGroupArn' --output text)
run aws elbv2 modify-target-group-attributes --target-group-arn "$target_group" \
    --attributes Key=deregistration_delay.timeout_seconds,Value=10 --query 'Attributes[0].Value' --output text
run aws elbv2 create-listener --load-balancer-arn "$balancer" --protocol TCP --port 8081 \
    --default-actions "Type=forward,TargetGroupArn=$target_group" --query 'Listeners[0].Port' --output text
status=$(run aws ecs describe-services --cluster test-nginx-cluster --services test-nginx \
    --query 'services[0].status' --output text)
if [ "$status" = ACTIVE ]; then
    run aws ecs update-service --cluster test-nginx-cluster --service test-nginx --task-definition "test-nginx:$revision" \
        --query service.status --output text
else
    sed -e "s|TARGET_GROUP|$target_group|" -e "s|SUBNETS|$(echo $subnets | sed 's/ /","/')|" -e "s|GROUP|$group|" \
        -e "s|REVISION|$revision|" examples/service/service.json >build/service.json
    run aws ecs create-service --cli-input-json file://build/service.json --query service.status --output text
fi
run aws ecs wait services-stable --cluster test-nginx-cluster --services test-nginx
run aws elbv2 wait target-in-service --target-group-arn "$target_group"
name=$(run aws elbv2 describe-load-balancers --load-balancer-arns "$balancer" --query 'LoadBalancers[0].DNSName' \
    --output text)
run curl -sS --max-time 5 "http://$name:8081/"

say "roll it to another revision, under requests"
sed 's/echo blue/echo green/' examples/article/task-definitions.json >build/green.json
green=$(run aws ecs register-task-definition --cli-input-json file://build/green.json \
    --query taskDefinition.revision --output text)
run examples/service/roll.sh test-nginx-cluster test-nginx "test-nginx:$green" "http://$name:8081/"

cat <<EOF

The server is running (log: $data_dir/gantry.log). In any shell:
    eval "\$($gantry env --data-dir $data_dir)"         AWS tools now talk to it
    $gantry status --data-dir $data_dir                 what runs here
    curl http://$name:8081/   (or localhost:8081)         the service answers
    $gantry down --data-dir $data_dir [--purge]         stops it, its tasks and containerd [and removes its state]
EOF

if [ -z "$bluegreen" ] && [ -t 0 ] && [ -t 1 ]; then
    printf '\nGo on with a blue/green deployment of the same service by CodeDeploy, under requests (examples/bluegreen)?\n'
    read -r -p "What was made above is deleted first. [y/N] " bluegreen
fi
case "$bluegreen" in [yY]*) ;; *) exit 0 ;; esac

say "delete what was made above"
run aws ecs delete-service --cluster test-nginx-cluster --service test-nginx --force --query service.status --output text
run aws ecs wait services-inactive --cluster test-nginx-cluster --services test-nginx
run aws elbv2 delete-load-balancer --load-balancer-arn "$balancer"
run aws elbv2 wait load-balancers-deleted --load-balancer-arns "$balancer"
run aws elbv2 delete-target-group --target-group-arn "$target_group"
run aws ec2 delete-security-group --group-id "$group" --query Return --output text
if [ -n "$cidr" ]; then
    for one in $(aws ec2 describe-subnets --filters "Name=vpc-id,Values=$vpc" --query 'Subnets[].SubnetId' --output text); do
        run aws ec2 delete-subnet --subnet-id "$one"
    done
    run aws ec2 detach-internet-gateway --internet-gateway-id "$gateway" --vpc-id "$vpc"
    run aws ec2 delete-internet-gateway --internet-gateway-id "$gateway"
    run aws ec2 delete-vpc --vpc-id "$vpc"
fi
run aws ecs delete-cluster --cluster test-nginx-cluster --query cluster.status --output text
run aws logs delete-log-group --log-group-name /ecs/test-nginx

say "a blue/green deployment"
run examples/bluegreen/run.sh --data-dir "$data_dir"
echo
echo "Once more, back to blue: examples/bluegreen/run.sh. Delete it: examples/bluegreen/run.sh --delete."
