// The pages of one daemon, for people and monitoring: /metrics, /healthz, /readyz, and a list of
// them at "/". Layer: client/cairn.  Threads: the event loop of the daemon, whose health they
// show: a loop that is held up answers no page either.
#pragma once

#include <kj/async.h>
#include <kj/function.h>

#include <optional>
#include <string>

#include "common/async/coroutine.h"
#include "common/base/result.h"
#include "common/config/host_port.h"
#include "common/http/pages.h"
#include "common/http/server.h"
#include "common/rpc/host.h"

namespace cairn::app {

class DaemonPages {
public:
  // Success, or why the daemon does not do its work now; called for each request of /readyz.
  using Readiness = kj::Function<Result<void>()>;

  // `daemon`: "namenode", as in the configuration. `address`: nothing: there are no pages. `host`
  // outlives it.
  DaemonPages(rpc::Host& host, std::string daemon, std::optional<config::HostPort> address,
              Readiness readiness);
  KJ_DISALLOW_COPY(DaemonPages);

  // Once, before the daemon starts: the pages tell of that, too. IN_USE, INVALID_ARGUMENT: the
  // message names the setting.
  kj::Promise<Result<void>> start();
  // "127.0.0.1:9870"; "" before start(), and where there are none.
  std::string address() const { return server_.address(); }

private:
  const std::string daemon_;
  const std::optional<config::HostPort> wanted_;
  http::Pages pages_;
  http::Server server_;
};

}  // namespace cairn::app
