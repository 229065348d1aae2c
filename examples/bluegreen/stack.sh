#!/usr/bin/env bash
# stack.sh make|delete: what stack/ describes for terraform, by the aws CLI alone. The
# environment says which server (gantry env).
set -euo pipefail
cd "$(dirname "$0")"
export AWS_PAGER=
region=${AWS_REGION:-ap-northeast-1}

# Prints a command as it could be typed, then runs it.
run() {
    printf '\033[36m$' >&2
    printf ' %s' "${@@Q}" | sed "s/ '\([-A-Za-z0-9_.,:/=]*\)'/ \1/g" >&2
    printf '\033[0m\n' >&2
    "$@"
}
text() { run aws "$@" --output text; }

make() {
    local vpc gateway table group zone subnet subnets=() role balancer blue green listener
    vpc=$(text ec2 create-vpc --cidr-block 10.0.0.0/16 --query Vpc.VpcId \
        --tag-specifications 'ResourceType=vpc,Tags=[{Key=Name,Value=test-nginx}]')
    gateway=$(text ec2 create-internet-gateway --query InternetGateway.InternetGatewayId \
        --tag-specifications 'ResourceType=internet-gateway,Tags=[{Key=Name,Value=test-nginx}]')
    text ec2 attach-internet-gateway --internet-gateway-id "$gateway" --vpc-id "$vpc"
    table=$(text ec2 describe-route-tables --filters "Name=vpc-id,Values=$vpc" --query 'RouteTables[0].RouteTableId')
    text ec2 create-route --route-table-id "$table" --destination-cidr-block 0.0.0.0/0 --gateway-id "$gateway" --query Return
    for zone in a c; do
        subnet=$(text ec2 create-subnet --vpc-id "$vpc" --cidr-block "10.0.${#subnets[@]}.0/24" --query Subnet.SubnetId \
            --availability-zone "$region$zone")
        subnets+=("$subnet")
    done
    group=$(text ec2 create-security-group --group-name test-nginx-task --description "http to the tasks" --vpc-id "$vpc" \
        --query GroupId)
    text ec2 authorize-security-group-ingress --group-id "$group" --protocol tcp --port 80 --cidr 0.0.0.0/0 --query Return

    balancer=$(text elbv2 create-load-balancer --name test-nginx-lb --type network --subnets "${subnets[@]}" \
        --query 'LoadBalancers[0].LoadBalancerArn')
    local check=(--protocol TCP --port 80 --vpc-id "$vpc" --target-type ip --health-check-interval-seconds 10
        --healthy-threshold-count 3 --unhealthy-threshold-count 3 --query 'TargetGroups[0].TargetGroupArn')
    blue=$(text elbv2 create-target-group --name blue-nlb-tg "${check[@]}")
    green=$(text elbv2 create-target-group --name green-nlb-tg "${check[@]}")
    listener=$(text elbv2 create-listener --load-balancer-arn "$balancer" --protocol TCP --port 8081 \
        --default-actions "Type=forward,TargetGroupArn=$blue" --query 'Listeners[0].ListenerArn')
    echo "$green waits for the first deployment" >&2

    text logs create-log-group --log-group-name /ecs/test-nginx
    text ecs create-cluster --cluster-name test-nginx-cluster --query cluster.status
    text ecs register-task-definition --cli-input-json file://../article/task-definitions.json --query taskDefinition.revision
    text ecs create-service --cluster test-nginx-cluster --service-name test-nginx --task-definition test-nginx \
        --desired-count 2 --launch-type FARGATE --deployment-controller type=CODE_DEPLOY \
        --load-balancers "targetGroupArn=$blue,containerName=test-nginx,containerPort=80" --query service.status \
        --network-configuration "awsvpcConfiguration={subnets=[${subnets[0]},${subnets[1]}],securityGroups=[$group]}"

    role=$(text iam create-role --role-name codedeploy --query Role.Arn --assume-role-policy-document '{"Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "codedeploy.amazonaws.com"}, "Action": "sts:AssumeRole"}]}')
    text iam attach-role-policy --role-name codedeploy --policy-arn arn:aws:iam::aws:policy/AWSCodeDeployRoleForECS
    text deploy create-application --application-name test-ecs --compute-platform ECS --query applicationId
    text deploy create-deployment-group --application-name test-ecs --deployment-group-name test-bg-deploy-dg \
        --service-role-arn "$role" --deployment-config-name CodeDeployDefault.ECSAllAtOnce --query deploymentGroupId \
        --ecs-services serviceName=test-nginx,clusterName=test-nginx-cluster \
        --deployment-style deploymentType=BLUE_GREEN,deploymentOption=WITH_TRAFFIC_CONTROL \
        --auto-rollback-configuration enabled=true,events=DEPLOYMENT_FAILURE \
        --blue-green-deployment-configuration '{"deploymentReadyOption": {"actionOnTimeout": "CONTINUE_DEPLOYMENT"},
            "terminateBlueInstancesOnDeploymentSuccess": {"action": "TERMINATE", "terminationWaitTimeInMinutes": 10}}' \
        --load-balancer-info "{\"targetGroupPairInfoList\": [{\"targetGroups\": [{\"name\": \"blue-nlb-tg\"},
            {\"name\": \"green-nlb-tg\"}], \"prodTrafficRoute\": {\"listenerArns\": [\"$listener\"]}}]}"

    text application-autoscaling register-scalable-target "${scaled[@]}" --min-capacity 2 --max-capacity 12 --query Return
    scale scale_up cpu_utilization_high GreaterThanOrEqualToThreshold 60 MetricIntervalLowerBound 1
    scale scale_down cpu_utilization_low LessThanOrEqualToThreshold 30 MetricIntervalUpperBound -1
}

scaled=(--service-namespace ecs --resource-id service/test-nginx-cluster/test-nginx --scalable-dimension ecs:service:DesiredCount)

# A step policy and the alarm that triggers it.
scale() {
    local policy
    policy=$(text application-autoscaling put-scaling-policy --policy-name "$1" "${scaled[@]}" --policy-type StepScaling \
        --query PolicyARN --step-scaling-policy-configuration "AdjustmentType=ChangeInCapacity,Cooldown=600,
            MetricAggregationType=Average,StepAdjustments=[{$5=0,ScalingAdjustment=$6}]")
    text cloudwatch put-metric-alarm --alarm-name "$2" --comparison-operator "$3" --threshold "$4" --evaluation-periods 2 \
        --metric-name CPUUtilization --namespace AWS/ECS --period 60 --statistic Average --alarm-actions "$policy" \
        --dimensions Name=ClusterName,Value=test-nginx-cluster Name=ServiceName,Value=test-nginx
}

delete() {
    local vpc balancer name arn subnet group gateway
    text cloudwatch delete-alarms --alarm-names cpu_utilization_high cpu_utilization_low
    text application-autoscaling deregister-scalable-target "${scaled[@]}"
    text deploy delete-application --application-name test-ecs
    text iam detach-role-policy --role-name codedeploy --policy-arn arn:aws:iam::aws:policy/AWSCodeDeployRoleForECS
    text iam delete-role --role-name codedeploy
    text ecs delete-service --cluster test-nginx-cluster --service test-nginx --force --query service.status
    text ecs wait services-inactive --cluster test-nginx-cluster --services test-nginx
    text ecs delete-cluster --cluster test-nginx-cluster --query cluster.status
    text logs delete-log-group --log-group-name /ecs/test-nginx
    balancer=$(text elbv2 describe-load-balancers --names test-nginx-lb --query 'LoadBalancers[0].[LoadBalancerArn,VpcId]')
    read -r arn vpc <<<"$balancer"
    text elbv2 delete-load-balancer --load-balancer-arn "$arn"
    text elbv2 wait load-balancers-deleted --load-balancer-arns "$arn"
    for name in blue-nlb-tg green-nlb-tg; do
        arn=$(text elbv2 describe-target-groups --names $name --query 'TargetGroups[0].TargetGroupArn')
        text elbv2 delete-target-group --target-group-arn "$arn"
    done
    group=$(text ec2 describe-security-groups --filters "Name=vpc-id,Values=$vpc" Name=group-name,Values=test-nginx-task \
        --query 'SecurityGroups[0].GroupId')
    text ec2 delete-security-group --group-id "$group" --query Return
    for subnet in $(text ec2 describe-subnets --filters "Name=vpc-id,Values=$vpc" --query 'Subnets[].SubnetId'); do
        text ec2 delete-subnet --subnet-id "$subnet"
    done
    gateway=$(text ec2 describe-internet-gateways --filters "Name=attachment.vpc-id,Values=$vpc" \
        --query 'InternetGateways[0].InternetGatewayId')
    text ec2 detach-internet-gateway --internet-gateway-id "$gateway" --vpc-id "$vpc"
    text ec2 delete-internet-gateway --internet-gateway-id "$gateway"
    text ec2 delete-vpc --vpc-id "$vpc"
}

case "${1:-}" in
    make | delete) "$1" ;;
    *) sed -n '2,3p' "$0" | cut -c3-; exit 2 ;;
esac
