#include "iam/schema.h"

#include "iam/certificate_use.h"
#include "iam/policy.h"
#include "iam/role.h"
#include "iam/server_certificate.h"
#include "iam/user.h"

namespace gantry::iam {

void declare(state::Schema& schema) {
    schema.add_table<RoleRecord>();
    schema.add_index<RoleByLowerName>();
    schema.add_index<RolesByPolicy>();
    schema.add_table<SeededRecord>();
    schema.add_table<PolicyRecord>();
    schema.add_index<PolicyByLowerName>();
    schema.add_table<UserRecord>();
    schema.add_index<UserByLowerName>();
    schema.add_table<AccessKeyRecord>();
    schema.add_index<AccessKeysByUser>();
    schema.add_table<ServerCertificateRecord>();
    schema.add_index<ServerCertificateByLowerName>();
    schema.add_index<ServerCertificateByArn>();
    schema.add_table<CertificateUseRecord>();
    schema.add_index<CertificateUses>();
}

}  // namespace gantry::iam
