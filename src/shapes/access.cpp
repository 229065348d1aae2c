#include "shapes/access.h"

namespace gantry::shapes {

template const OptionalAccess optional_access<std::optional<std::string>>;
template const OptionalAccess optional_access<std::optional<bool>>;
template const OptionalAccess optional_access<std::optional<std::int32_t>>;
template const OptionalAccess optional_access<std::optional<std::int64_t>>;
template const OptionalAccess optional_access<std::optional<double>>;
template const OptionalAccess optional_access<std::optional<Timestamp>>;
template const OptionalAccess optional_access<std::optional<Document>>;
template const OptionalAccess optional_access<std::optional<std::vector<std::string>>>;
template const OptionalAccess optional_access<std::optional<std::map<std::string, std::string>>>;
template const ListAccess list_access<std::vector<std::string>>;
template const ListAccess list_access<std::vector<std::int32_t>>;
template const MapAccess map_access<std::map<std::string, std::string>>;

}  // namespace gantry::shapes
