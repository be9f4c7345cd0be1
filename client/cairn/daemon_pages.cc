#include "client/cairn/daemon_pages.h"

#include <utility>
#include <vector>

#include "client/cairn/version.h"
#include "common/log/log.h"

namespace cairn::app {
namespace {

constexpr char PROMETHEUS_TEXT[] = "text/plain; version=0.0.4; charset=utf-8";

std::vector<http::Page> pagesOf(const metrics::Registry& metrics,
                                DaemonPages::Readiness readiness) {
  std::vector<http::Page> pages;
  pages.push_back({"/metrics", "counters and gauges, in Prometheus's text format", [&metrics]() {
                     return http::Response{.body = metrics.exposition(),
                                           .contentType = PROMETHEUS_TEXT};
                   }});
  pages.push_back({"/healthz", "200 while the process answers at all",
                   []() { return http::Response{.body = "ok\n"}; }});
  pages.push_back({"/readyz", "200 while it does its work, 503 with the reason while it does not",
                   [readiness = kj::mv(readiness)]() mutable -> http::Response {
                     const auto ready = readiness();
                     if (ready.has_value()) return {.body = "ok\n"};
                     return {.status = http::StatusCode::SERVICE_UNAVAILABLE,
                             .body = ready.error().message() + "\n"};
                   }});
  return pages;
}

}  // namespace

DaemonPages::DaemonPages(rpc::Host& host, std::string daemon,
                         std::optional<config::HostPort> address, Readiness readiness)
    : daemon_(std::move(daemon)),
      wanted_(std::move(address)),
      pages_("Cairn " + std::string(version()) + ", " + daemon_,
             pagesOf(host.metrics, kj::mv(readiness))),
      server_(host.timer, host.network, daemon_,
              [this](std::string_view path) { return pages_.answer(path); }) {}

kj::Promise<Result<void>> DaemonPages::start() {
  if (!wanted_.has_value()) co_return Result<void>();
  auto listening = co_await server_.listen(wanted_->toString());
  if (!listening.has_value()) {
    co_return fail(
        listening.error().code(),
        daemon_ + ".http_address: " + listening.error().message() + " (\"none\" is no pages)");
  }
  LOG(INFO) << daemon_ << " shows its pages at http://" << server_.address() << "/";
  co_return Result<void>();
}

}  // namespace cairn::app
