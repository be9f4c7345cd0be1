// In the source tree only: the installed <cairn/status.h> is common/base/status.h itself.
#pragma once

#include "common/base/status.h"  // IWYU pragma: export
