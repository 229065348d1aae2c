#include "iam/managed_policies.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "iam/unique_id.h"

namespace gantry::iam {
namespace {

constexpr std::string_view kRoot = "/";
constexpr std::string_view kService = "/service-role/";
constexpr std::string_view kLinked = "/aws-service-role/";

constexpr std::array kPolicies = {
    ManagedPolicy{
        "AWSApplicationAutoscalingECSServicePolicy", kLinked,
        "ecs:DescribeServices ecs:UpdateService cloudwatch:PutMetricAlarm cloudwatch:DescribeAlarms "
        "cloudwatch:DeleteAlarms cloudwatch:GetMetricData"
    },
    ManagedPolicy{
        "AWSCloudMapFullAccess", kRoot, "servicediscovery:* route53:* ec2:DescribeVpcs ec2:DescribeRegions"
    },
    ManagedPolicy{
        "AWSCodeDeployDeployerAccess", kRoot,
        "codedeploy:Batch* codedeploy:CreateDeployment codedeploy:Get* codedeploy:List* "
        "codedeploy:RegisterApplicationRevision"
    },
    ManagedPolicy{"AWSCodeDeployFullAccess", kRoot, "codedeploy:*"},
    ManagedPolicy{"AWSCodeDeployReadOnlyAccess", kRoot, "codedeploy:Batch* codedeploy:Get* codedeploy:List*"},
    ManagedPolicy{
        "AWSCodeDeployRole", kService,
        "autoscaling:* ec2:DescribeInstances ec2:DescribeInstanceStatus ec2:TerminateInstances "
        "tag:GetResources "
        "sns:Publish cloudwatch:DescribeAlarms cloudwatch:PutMetricAlarm elasticloadbalancing:*"
    },
    ManagedPolicy{
        "AWSCodeDeployRoleForECS", kRoot,
        "ecs:DescribeServices ecs:CreateTaskSet ecs:UpdateServicePrimaryTaskSet ecs:DeleteTaskSet "
        "elasticloadbalancing:DescribeTargetGroups elasticloadbalancing:DescribeListeners "
        "elasticloadbalancing:ModifyListener elasticloadbalancing:DescribeRules "
        "elasticloadbalancing:ModifyRule lambda:InvokeFunction cloudwatch:DescribeAlarms sns:Publish "
        "s3:GetObject s3:GetObjectVersion iam:PassRole"
    },
    ManagedPolicy{
        "AWSCodeDeployRoleForECSLimited", kRoot,
        "ecs:DescribeServices ecs:CreateTaskSet ecs:UpdateServicePrimaryTaskSet ecs:DeleteTaskSet "
        "cloudwatch:DescribeAlarms sns:Publish elasticloadbalancing:DescribeTargetGroups "
        "elasticloadbalancing:DescribeListeners elasticloadbalancing:ModifyListener "
        "elasticloadbalancing:DescribeRules elasticloadbalancing:ModifyRule lambda:InvokeFunction "
        "s3:GetObject s3:GetObjectVersion iam:PassRole"
    },
    ManagedPolicy{
        "AWSElasticLoadBalancingServiceRolePolicy", kLinked,
        "ec2:DescribeAddresses ec2:DescribeInstances ec2:DescribeNetworkInterfaces ec2:DescribeSubnets "
        "ec2:DescribeSecurityGroups ec2:DescribeVpcs ec2:CreateNetworkInterface ec2:DeleteNetworkInterface "
        "ec2:ModifyNetworkInterfaceAttribute ec2:AssociateAddress ec2:DisassociateAddress"
    },
    ManagedPolicy{
        "AWSLambdaBasicExecutionRole", kService, "logs:CreateLogGroup logs:CreateLogStream logs:PutLogEvents"
    },
    ManagedPolicy{
        "AWSXRayDaemonWriteAccess", kRoot,
        "xray:PutTraceSegments xray:PutTelemetryRecords xray:GetSamplingRules xray:GetSamplingTargets "
        "xray:GetSamplingStatisticSummaries"
    },
    ManagedPolicy{"AWSXrayFullAccess", kRoot, "xray:*"},
    ManagedPolicy{"AdministratorAccess", kRoot, "*"},
    ManagedPolicy{"AmazonDynamoDBFullAccess", kRoot, "dynamodb:* dax:* application-autoscaling:*"},
    ManagedPolicy{
        "AmazonDynamoDBReadOnlyAccess", kRoot,
        "dynamodb:BatchGetItem dynamodb:Describe* dynamodb:List* dynamodb:GetItem dynamodb:Query "
        "dynamodb:Scan"
    },
    ManagedPolicy{"AmazonEC2ContainerRegistryFullAccess", kRoot, "ecr:*"},
    ManagedPolicy{
        "AmazonEC2ContainerRegistryPowerUser", kRoot,
        "ecr:GetAuthorizationToken ecr:BatchCheckLayerAvailability ecr:GetDownloadUrlForLayer "
        "ecr:BatchGetImage ecr:Describe* ecr:List* ecr:InitiateLayerUpload ecr:UploadLayerPart "
        "ecr:CompleteLayerUpload ecr:PutImage"
    },
    ManagedPolicy{
        "AmazonEC2ContainerRegistryReadOnly", kRoot,
        "ecr:GetAuthorizationToken ecr:BatchCheckLayerAvailability ecr:GetDownloadUrlForLayer "
        "ecr:BatchGetImage ecr:Describe* ecr:List*"
    },
    ManagedPolicy{
        "AmazonEC2ContainerServiceAutoscaleRole", kService,
        "ecs:DescribeServices ecs:UpdateService cloudwatch:DescribeAlarms cloudwatch:PutMetricAlarm"
    },
    ManagedPolicy{
        "AmazonEC2ContainerServiceEventsRole", kService, "ecs:RunTask ecs:TagResource iam:PassRole"
    },
    ManagedPolicy{
        "AmazonEC2ContainerServiceRole", kService,
        "ec2:AuthorizeSecurityGroupIngress ec2:Describe* elasticloadbalancing:Describe* "
        "elasticloadbalancing:RegisterTargets elasticloadbalancing:DeregisterTargets "
        "elasticloadbalancing:RegisterInstancesWithLoadBalancer "
        "elasticloadbalancing:DeregisterInstancesFromLoadBalancer"
    },
    ManagedPolicy{
        "AmazonEC2ContainerServiceforEC2Role", kService,
        "ec2:DescribeTags ecs:CreateCluster ecs:DeregisterContainerInstance ecs:DiscoverPollEndpoint "
        "ecs:Poll "
        "ecs:RegisterContainerInstance ecs:StartTelemetrySession ecs:UpdateContainerInstancesState "
        "ecs:Submit* ecs:TagResource ecr:GetAuthorizationToken ecr:BatchCheckLayerAvailability "
        "ecr:GetDownloadUrlForLayer ecr:BatchGetImage logs:CreateLogStream logs:PutLogEvents"
    },
    ManagedPolicy{"AmazonEC2FullAccess", kRoot, "ec2:* elasticloadbalancing:* cloudwatch:* autoscaling:*"},
    ManagedPolicy{
        "AmazonEC2ReadOnlyAccess", kRoot,
        "ec2:Describe* elasticloadbalancing:Describe* cloudwatch:ListMetrics "
        "cloudwatch:GetMetricStatistics cloudwatch:Describe* autoscaling:Describe*"
    },
    ManagedPolicy{
        "AmazonECSInfrastructureRolePolicyForLoadBalancers", kRoot,
        "elasticloadbalancing:DescribeListeners elasticloadbalancing:DescribeRules "
        "elasticloadbalancing:DescribeTargetGroups elasticloadbalancing:DescribeTargetHealth "
        "elasticloadbalancing:ModifyListener elasticloadbalancing:ModifyRule "
        "elasticloadbalancing:RegisterTargets elasticloadbalancing:DeregisterTargets"
    },
    ManagedPolicy{
        "AmazonECSInfrastructureRolePolicyForVolumes", kService,
        "ec2:CreateVolume ec2:CreateTags ec2:DescribeVolumes ec2:DescribeAvailabilityZones ec2:AttachVolume "
        "ec2:DetachVolume ec2:DeleteVolume"
    },
    ManagedPolicy{
        "AmazonECSServiceRolePolicy", kLinked,
        "ec2:AttachNetworkInterface ec2:CreateNetworkInterface ec2:CreateNetworkInterfacePermission "
        "ec2:DeleteNetworkInterface ec2:DeleteNetworkInterfacePermission ec2:Describe* "
        "ec2:DetachNetworkInterface ec2:CreateTags elasticloadbalancing:Describe* "
        "elasticloadbalancing:RegisterTargets elasticloadbalancing:DeregisterTargets "
        "route53:ChangeResourceRecordSets route53:Get* route53:List* servicediscovery:DeregisterInstance "
        "servicediscovery:Get* servicediscovery:List* servicediscovery:RegisterInstance "
        "servicediscovery:UpdateInstanceCustomHealthStatus autoscaling:Describe* "
        "autoscaling:PutScalingPolicy autoscaling:DeletePolicy cloudwatch:PutMetricAlarm "
        "cloudwatch:DescribeAlarms cloudwatch:DeleteAlarms logs:CreateLogGroup logs:CreateLogStream "
        "logs:DescribeLogStreams logs:PutLogEvents events:PutRule events:PutTargets events:DescribeRule "
        "ssm:DescribeSessions"
    },
    ManagedPolicy{
        "AmazonECSTaskExecutionRolePolicy", kService,
        "ecr:GetAuthorizationToken ecr:BatchCheckLayerAvailability ecr:GetDownloadUrlForLayer "
        "ecr:BatchGetImage logs:CreateLogStream logs:PutLogEvents"
    },
    ManagedPolicy{
        "AmazonECS_FullAccess", kRoot,
        "ecs:* application-autoscaling:* codedeploy:* cloudwatch:* elasticloadbalancing:* events:* "
        "servicediscovery:* autoscaling:* logs:CreateLogGroup logs:DescribeLogGroups logs:FilterLogEvents "
        "ec2:Describe* iam:ListAttachedRolePolicies iam:ListInstanceProfiles iam:ListRoles sns:ListTopics "
        "iam:PassRole iam:CreateServiceLinkedRole"
    },
    ManagedPolicy{
        "AmazonEventBridgeFullAccess", kRoot, "events:* schemas:* scheduler:* pipes:* iam:PassRole"
    },
    ManagedPolicy{"AmazonEventBridgeSchedulerFullAccess", kRoot, "scheduler:* iam:PassRole"},
    ManagedPolicy{
        "AmazonRDSFullAccess", kRoot, "rds:* ec2:Describe* cloudwatch:GetMetricStatistics logs:GetLogEvents"
    },
    ManagedPolicy{"AmazonS3FullAccess", kRoot, "s3:* s3-object-lambda:*"},
    ManagedPolicy{"AmazonS3ReadOnlyAccess", kRoot, "s3:Get* s3:List* s3:Describe*"},
    ManagedPolicy{"AmazonSNSFullAccess", kRoot, "sns:*"},
    ManagedPolicy{"AmazonSQSFullAccess", kRoot, "sqs:*"},
    ManagedPolicy{
        "AmazonSSMManagedInstanceCore", kRoot,
        "ssm:DescribeAssociation ssm:GetDeployablePatchSnapshotForInstance ssm:GetDocument "
        "ssm:DescribeDocument ssm:GetManifest ssm:GetParameter ssm:GetParameters ssm:ListAssociations "
        "ssm:PutInventory ssm:UpdateInstanceInformation ssmmessages:CreateControlChannel "
        "ssmmessages:CreateDataChannel ssmmessages:OpenControlChannel ssmmessages:OpenDataChannel "
        "ec2messages:*"
    },
    ManagedPolicy{"AmazonSSMReadOnlyAccess", kRoot, "ssm:Describe* ssm:Get* ssm:List*"},
    ManagedPolicy{"AmazonVPCFullAccess", kRoot, "ec2:*"},
    ManagedPolicy{
        "CloudWatchAgentServerPolicy", kRoot,
        "cloudwatch:PutMetricData ec2:DescribeVolumes ec2:DescribeTags logs:PutLogEvents "
        "logs:PutRetentionPolicy logs:DescribeLogStreams logs:DescribeLogGroups logs:CreateLogStream "
        "logs:CreateLogGroup ssm:GetParameter"
    },
    ManagedPolicy{"CloudWatchEventsFullAccess", kRoot, "events:* iam:PassRole"},
    ManagedPolicy{
        "CloudWatchFullAccess", kRoot,
        "autoscaling:Describe* cloudwatch:* logs:* sns:* iam:GetPolicy iam:GetRole"
    },
    ManagedPolicy{
        "CloudWatchFullAccessV2", kRoot,
        "application-autoscaling:DescribeScalingPolicies autoscaling:Describe* cloudwatch:* logs:* "
        "sns:ListTopics"
    },
    ManagedPolicy{"CloudWatchLogsFullAccess", kRoot, "logs:* cloudwatch:GenerateQuery"},
    ManagedPolicy{
        "CloudWatchLogsReadOnlyAccess", kRoot,
        "logs:Describe* logs:Get* logs:List* logs:StartQuery logs:StopQuery logs:TestMetricFilter "
        "logs:FilterLogEvents logs:StartLiveTail logs:StopLiveTail"
    },
    ManagedPolicy{
        "CloudWatchReadOnlyAccess", kRoot,
        "autoscaling:Describe* cloudwatch:Describe* cloudwatch:Get* cloudwatch:List* logs:Describe* "
        "logs:Get* "
        "logs:List* logs:StartQuery logs:FilterLogEvents sns:Get* sns:List*"
    },
    ManagedPolicy{
        "ElasticLoadBalancingFullAccess", kRoot,
        "elasticloadbalancing:* ec2:Describe* ec2:CreateSecurityGroup"
    },
    ManagedPolicy{
        "ElasticLoadBalancingReadOnly", kRoot, "elasticloadbalancing:Describe* elasticloadbalancing:Get*"
    },
    ManagedPolicy{"IAMFullAccess", kRoot, "iam:*"},
    ManagedPolicy{"IAMReadOnlyAccess", kRoot, "iam:Get* iam:List* iam:Generate* iam:Simulate*"},
    ManagedPolicy{
        "PowerUserAccess", kRoot,
        "ec2:* ecs:* ecr:* elasticloadbalancing:* logs:* cloudwatch:* codedeploy:* application-autoscaling:* "
        "events:* scheduler:* servicediscovery:* ssm:* secretsmanager:* s3:* sqs:* sns:* "
        "iam:CreateServiceLinkedRole iam:ListRoles"
    },
    ManagedPolicy{
        "ReadOnlyAccess", kRoot,
        "ec2:Describe* ecs:Describe* ecs:List* ecr:Describe* ecr:List* elasticloadbalancing:Describe* "
        "logs:Describe* logs:Get* logs:FilterLogEvents cloudwatch:Describe* cloudwatch:Get* cloudwatch:List* "
        "codedeploy:BatchGet* codedeploy:Get* codedeploy:List* application-autoscaling:Describe* "
        "events:List* "
        "events:Describe* iam:Get* iam:List* s3:Get* s3:List* ssm:Describe* ssm:Get* ssm:List*"
    },
    ManagedPolicy{
        "SecretsManagerReadWrite", kRoot,
        "secretsmanager:* kms:DescribeKey kms:ListAliases kms:ListKeys tag:GetResources"
    },
};

}  // namespace

std::string ManagedPolicy::arn() const { return arn_of("aws", "policy", path, name); }

std::string ManagedPolicy::id() const { return seeded_unique_id("ANPA", "aws", name); }

std::string ManagedPolicy::document() const {
    boost::json::array list;
    for (std::string_view rest = actions; !rest.empty();) {
        const auto blank = rest.find(' ');
        list.emplace_back(rest.substr(0, blank));
        rest.remove_prefix(blank == std::string_view::npos ? rest.size() : blank + 1);
    }
    boost::json::object statement{{"Effect", "Allow"}, {"Action", std::move(list)}, {"Resource", "*"}};
    return boost::json::serialize(boost::json::object{
        {"Version", "2012-10-17"}, {"Statement", boost::json::array{std::move(statement)}}
    });
}

std::span<const ManagedPolicy> managed_policies() { return kPolicies; }

const ManagedPolicy* find_managed_policy(std::string_view arn) {
    const auto slash = arn.rfind('/');
    if (!arn.starts_with("arn:aws:iam::aws:policy/") || slash == std::string_view::npos) return nullptr;
    const auto name = arn.substr(slash + 1);
    const auto found = std::lower_bound(
        kPolicies.begin(), kPolicies.end(), name,
        [](const ManagedPolicy& policy, std::string_view wanted) { return policy.name < wanted; }
    );
    return found != kPolicies.end() && found->name == name && found->arn() == arn ? &*found : nullptr;
}

}  // namespace gantry::iam
