#include "client/cairn/version.h"

namespace cairn::app {

std::string_view version() { return CAIRN_VERSION; }

}  // namespace cairn::app
