// For programs that have read the configuration themselves: a client from what they know, without
// reading it again.
// Layer: client/library.
#pragma once

#include "cairn/client.h"
#include "client/library/settings.h"

namespace cairn::library {

class Connector {
public:
  // As Client::connect(), which cannot fail any more.
  static Client connect(Settings settings);
};

}  // namespace cairn::library
