// What copying in and copying out share with the verb they work for.
// Layer: client/shell.
#pragma once

#include <functional>
#include <string_view>

#include "client/shell/connect.h"
#include "client/shell/progress.h"
#include "client/shell/transfer_pool.h"

namespace cairn::shell {

struct CopyHost {
  Connection& connection;
  Client& client;
  Meter& meter;
  TransferPool& pool;  // its failures go where `failed` goes
  // Told of each file that could not be copied, by the name at fault; the rest goes on.
  std::function<void(std::string_view shown, const Status& why)> failed;
  // Whether to stop before the next file.
  std::function<bool()> over;
};

}  // namespace cairn::shell
